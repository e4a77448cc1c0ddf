// Why a worker or router ended: one vocabulary for status, logs and docs. Knows no process, only what wait(2) told.

/** Exit reasons as `wsgid status` shows them. The first cause wins: a worker that is told to stop and then crashes has `stop`. */
export const exitReasons = [
  'maximum-requests',
  'restart-interval',
  'inactivity-timeout',
  'request-timeout',
  'deadlock-timeout',
  'startup-timeout',
  'cpu-time-limit',
  'maximum-memory',
  'reload',
  'restart',
  'signal',
  'crash',
  'load-error',
  'stop',
] as const
export type ExitReason = (typeof exitReasons)[number]

/** What wait(2) says about an ended process: exactly one of the two is not null. */
export type ProcessEnd = Readonly<{ code: number | null; signal: string | null }>

/** Signals that the kernel or the C library send for a fault in the program itself. */
const faults = new Set(['SIGSEGV', 'SIGBUS', 'SIGILL', 'SIGFPE', 'SIGABRT', 'SIGSYS', 'SIGTRAP'])

/**
 * Names the cause of an end that nobody here asked for: a fault or a failure is a `crash`, a signal from outside a `signal`. A worker
 * exits 0 by itself only after a SIGTERM or SIGINT that it heeded.
 *
 * SIGALRM is the deadlock watch of a worker, SIGXCPU the kernel's when cpu-time-limit is reached while nobody heeds it.
 *
 * @param asked why the worker had asked to be replaced; null: it had not
 */
export function causeOfUnexpectedEnd({ code, signal }: ProcessEnd, asked: ExitReason | null): ExitReason {
  switch (signal) {
    case null:
      return code === 0 ? (asked ?? 'signal') : 'crash'
    case 'SIGXCPU':
      return 'cpu-time-limit'
    case 'SIGALRM':
      // After a SIGTERM the same alarm is its shutdown-timeout.
      return asked === 'signal' ? 'signal' : 'deadlock-timeout'
    case 'SIGKILL':
      // The kernel's answer to a worker that went on beyond cpu-time-limit.
      return asked === 'cpu-time-limit' ? 'cpu-time-limit' : 'signal'
    default:
      return faults.has(signal) ? 'crash' : 'signal'
  }
}

/** "exit code 3", "killed by SIGKILL". */
export function renderEnd(end: ProcessEnd): string {
  return end.signal === null ? `exit code ${end.code ?? 'unknown'}` : `killed by ${end.signal}`
}
