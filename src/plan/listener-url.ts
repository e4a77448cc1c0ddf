// How people name a listener: "https://127.0.0.1:8443", "unix:/run/site.sock", "https+unix:/run/site.sock", "systemd:web".
import type { AddressPlan, ListenerPlan } from './plan.ts'

/** Where an address was bound, as far as it has host and port. */
export type HostAndPort = Readonly<{ host: string; port: number }>

/**
 * The name of a listener.
 *
 * @param at what it came to be bound to; without it what was asked for
 */
export function listenerUrl({ address, certificates }: ListenerPlan, at: HostAndPort | null): string {
  const scheme = certificates.length > 0 ? 'https' : 'http'
  const place = at ?? (address.kind === 'tcp' ? address : null)
  if (place !== null) return `${scheme}://${place.host.includes(':') ? `[${place.host}]` : place.host}:${place.port}`
  const name = address.kind === 'unix' ? `unix:${address.path}` : nameOfInherited(address)
  return scheme === 'https' ? `https+${name}` : name
}

const nameOfInherited = (address: AddressPlan): string => (address.kind === 'systemd' ? `systemd:${address.name}` : '')
