// The options of WSGIDaemonProcess → those of a group file. They have the same names and meanings; the values are written in other ways.
import type { Options, Value } from './draft.ts'

/** What becomes of an option: its value, or why there is none; undefined: what it says holds anyway. */
type Outcome = Readonly<{ value: Value }> | Readonly<{ why: string }> | undefined

const value = (of: Value): Outcome => ({ value: of })
const number = (written: string): Outcome => {
  // As atoi(3) does it, but for what is no number at all.
  const read = Number.parseFloat(written)
  return Number.isNaN(read) ? { why: 'it is no number' } : value(read)
}
/** In mod_wsgi 0 means that the option is not there. */
const numberOrAbsent = (written: string): Outcome => (Number.parseFloat(written) === 0 ? undefined : number(written))
const account = (written: string): Outcome => value(written.replace(/^#/, ''))

const readers: Readonly<Record<string, (written: string) => Outcome>> = {
  ...{ user: account, group: account, 'script-user': account, 'script-group': account },
  'supplementary-groups': (written) => value(written.split(',').map((each) => each.replace(/^#/, ''))),
  ...{ umask: value, chroot: value, home: value, lang: value, locale: value },
  ...{ 'python-home': value, 'python-eggs': value },
  'python-path': (written) => value(written.split(':').filter((each) => each !== '')),
  'display-name': (written) => value(written === '%{GROUP}' ? '(wsgi:%{GROUP})' : written),
  ...{ processes: number, 'maximum-requests': number, 'listen-backlog': number },
  threads: (written) =>
    Number.parseFloat(written) === 0 ? { why: 'a group without threads serves nothing' } : number(written),
  ...{ 'restart-interval': number, 'inactivity-timeout': number, 'request-timeout': number },
  ...{ 'interrupt-timeout': number, 'deadlock-timeout': number, 'startup-timeout': numberOrAbsent },
  ...{ 'graceful-timeout': number, 'eviction-timeout': numberOrAbsent, 'shutdown-timeout': number },
  ...{ 'connect-timeout': number, 'socket-timeout': numberOrAbsent, 'queue-timeout': number },
  'response-socket-timeout': numberOrAbsent,
  ...{ 'cpu-time-limit': number, 'memory-limit': number, 'virtual-memory-limit': number, 'cpu-priority': number },
  ...{ 'stack-size': number, 'response-buffer-size': number, 'switch-interval': numberOrAbsent },
  // Off, as it is everywhere else, takes nothing away.
  'server-metrics': (written) => (written.toLowerCase() === 'off' ? undefined : noCounterpart),
}
const noCounterpart = { why: 'the option has no counterpart' } as const

/** @returns the options, and those that have no counterpart with the reason */
export function groupOptions(
  given: ReadonlyMap<string, string>,
): Readonly<{ options: Options; lost: ReadonlyMap<string, string> }> {
  const options: Options = {}
  const lost = new Map<string, string>()
  for (const [name, written] of given) {
    const outcome = Object.hasOwn(readers, name) ? readers[name]?.(written) : noCounterpart
    if (outcome === undefined) continue
    if ('value' in outcome) options[name] = outcome.value
    else lost.set(name, outcome.why)
  }
  return { options, lost }
}
