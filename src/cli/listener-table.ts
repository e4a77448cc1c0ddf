// How `check` prints the listeners: where, and for which names or to what end.
import type { ListenerPlan } from '../plan/plan.ts'
import { listenerUrl } from '../plan/listener-url.ts'
import { renderTable } from './table.ts'

/** A listener as `check --json` shows it; nothing of a certificate but its names. */
export type ShownListener = Readonly<{
  url: string
  /** Names of each certificate, in the order of `tls`. */
  certificates: readonly (readonly string[])[]
  hsts: string | null
  redirect: ListenerPlan['redirect']
}>

/** The listeners without what is secret. */
export function shownListeners(listeners: readonly ListenerPlan[]): readonly ShownListener[] {
  return listeners.map((listener) => ({
    url: listenerUrl(listener, null),
    certificates: listener.certificates.map(({ names }) => names),
    hsts: listener.hsts,
    redirect: listener.redirect,
  }))
}

/** A table of them. */
export function renderListeners(listeners: readonly ListenerPlan[]): string {
  return renderTable(
    ['LISTEN', 'SERVES'],
    shownListeners(listeners).map((each) => [each.url, purposeOf(each)]),
  )
}

function purposeOf({ certificates, redirect }: ShownListener): string {
  if (redirect !== null) return `a redirection to https (${redirect.status})`
  if (certificates.length === 0) return 'plain HTTP'
  return certificates.map((names) => (names.length === 0 ? 'a certificate without names' : names.join(' '))).join('; ')
}
