// The options of WSGIDaemonProcess → those of a group file. They have the same names and meanings; the values are written in other ways.
import type { Options, Value } from './draft.ts'

/** What becomes of an option: its value, or why there is none. */
type Outcome = Readonly<{ value: Value }> | Readonly<{ why: string }>

const value = (of: Value): Outcome => ({ value: of })
const numbers =
  /^(?:processes|threads|maximum-requests|restart-interval|inactivity-timeout|cpu-time-limit|memory-limit|virtual-memory-limit|cpu-priority|stack-size|request-timeout|interrupt-timeout|deadlock-timeout|startup-timeout|graceful-timeout|eviction-timeout|shutdown-timeout|connect-timeout|socket-timeout|queue-timeout|response-socket-timeout|listen-backlog|response-buffer-size|switch-interval)$/
const texts = /^(?:umask|chroot|home|python-home|python-eggs|lang|locale|script-user|script-group)$/
/** In mod_wsgi 0 means that the option is not there. */
const zeroIsAbsent = /^(?:eviction-timeout|socket-timeout|response-socket-timeout|startup-timeout|switch-interval)$/

/** @returns the options, and those that have no counterpart with the reason */
export function groupOptions(
  given: ReadonlyMap<string, string>,
): Readonly<{ options: Options; lost: ReadonlyMap<string, string> }> {
  const options: Options = {}
  const lost = new Map<string, string>()
  for (const [name, written] of given) {
    const outcome = outcomeOf(name, written)
    if (outcome === undefined) continue
    if ('value' in outcome) options[name] = outcome.value
    else lost.set(name, outcome.why)
  }
  return { options, lost }
}

/** undefined: what it says holds anyway. */
function outcomeOf(name: string, written: string): Outcome | undefined {
  if (name === 'user' || name === 'group') return value(written.replace(/^#/, ''))
  if (name === 'supplementary-groups') return value(written.split(',').map((each) => each.replace(/^#/, '')))
  if (name === 'python-path') return value(written.split(':').filter((each) => each !== ''))
  if (name === 'display-name') return value(written === '%{GROUP}' ? '(wsgi:%{GROUP})' : written)
  if (name === 'threads' && Number(written) === 0) return { why: 'a group without threads serves nothing' }
  if (texts.test(name)) return value(written.replace(/^#/, ''))
  if (!numbers.test(name)) return { why: 'the option has no counterpart' }
  if (!/^-?\d+(?:\.\d+)?$/.test(written)) return { why: 'it is no number' }
  return Number(written) === 0 && zeroIsAbsent.test(name) ? undefined : value(Number(written))
}
