// The options of `admin`: where the server tells how it is, metrics and health. Knows no file and no machine.
import { z } from 'zod'
import { parseListen, type ListenAddress } from './listen.ts'
import { optional, required } from './option.ts'
import { isOptionMap, never } from './refinement.ts'
import { account, parsed } from './values.ts'

/** Nobody is asked for a password there: an address that other machines reach is none. */
export type AdminAddress = Exclude<ListenAddress, { kind: 'systemd' }>

/** Where metrics and health are told; `group` may connect to a Unix socket, by name or gid. */
export type AdminConfiguration = Readonly<{ address: AdminAddress; group: string | null }>

const anAdminAddress =
  'an address of this machine alone (127.0.0.1:PORT, [::1]:PORT or localhost:PORT) or unix:/path: it asks nobody for a password'

/** @returns undefined for what is no address, or one that other machines can reach */
export function parseAdminAddress(written: string): AdminAddress | undefined {
  const address = parseListen(written)
  if (address?.kind === 'unix') return address
  return address?.kind === 'tcp' && isLoopback(address.host) ? address : undefined
}

/** 127.0.0.0/8 (RFC 1122 §3.2.1.3), ::1 (RFC 4291 §2.5.3), and the name that means them (RFC 6761 §6.3). */
function isLoopback(host: string): boolean {
  return host === '::1' || host.toLowerCase() === 'localhost' || /^127(?:\.\d{1,3}){3}$/.test(host)
}

const adminObject = z.strictObject({
  listen: required(parsed(z.string(), parseAdminAddress), {
    description:
      '`/metrics` for Prometheus, `/healthz` and `/readyz` are answered there. Whoever can connect can read: on loopback every process of this machine, applications included; on a Unix socket root and `group`',
    expects: anAdminAddress,
    example: '127.0.0.1:9117',
  }),
  group: optional(account, {
    description: 'group that may connect to the Unix socket: it has mode 0660 then, else 0600',
    expects: 'a group name or a gid',
    otherwise: 'only root, or the user that wsgid runs as, may connect',
    example: 'prometheus',
  }),
})

/** For documentation and messages. */
export const adminOptions = adminObject.shape

export const adminSchema = adminObject.refine(
  ...never(groupOfNoFile, {
    what: 'group needs listen: unix:/path: every process of this machine can connect to a port',
    cure: 'listen on unix:/path, or remove group',
    at: 'group',
  }),
)

/** `listen` is read already when nothing was wrong with it. */
function groupOfNoFile(options: unknown): boolean {
  if (!isOptionMap(options) || !('group' in options) || !('listen' in options)) return false
  const address = typeof options.listen === 'string' ? parseAdminAddress(options.listen) : options.listen
  return isOptionMap(address) && 'kind' in address && address.kind === 'tcp'
}

export type AdminOptions = z.output<typeof adminSchema>

/** @param absolute resolves a path against the directory of wsgid.yaml */
export function configureAdmin(
  { listen, group }: AdminOptions,
  absolute: (path: string) => string,
): AdminConfiguration {
  const address = listen.kind === 'unix' ? { ...listen, path: absolute(listen.path) } : listen
  return { address, group: group ?? null }
}
