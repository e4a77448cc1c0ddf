// What happens to one router process. Pure: knows no pid, no timer, no socket.
import { instant, milliseconds, type Instant, type Milliseconds } from '../units.ts'

export type Router = Readonly<
  /** Spawned; takes its identity. */
  | { phase: 'starting'; since: Instant }
  /** Has its routes, workers and sockets; begins to listen. */
  | { phase: 'introduced'; since: Instant }
  /** Accepts clients. */
  | { phase: 'ready'; since: Instant }
  /** Has closed its listeners and finishes what runs. */
  | { phase: 'draining'; since: Instant; until: Instant }
  /** Had SIGKILL. */
  | { phase: 'killed'; since: Instant }
  | { phase: 'gone'; since: Instant }
>

export type RouterEvent = Readonly<
  /** `hello`: identity taken. `listening`: on every address. `faulty`: it cannot listen or breaks the protocol. */
  | { type: 'hello' | 'listening' | 'faulty' | 'deadline' | 'exited'; at: Instant }
  | { type: 'terminate'; at: Instant }
  | { type: 'drain'; at: Instant; until: Instant }
>

export type RouterEffect = 'introduce' | 'drain' | 'quit' | 'kill' | 'release'

/** Exec of setpriv and node, a few messages: a router that takes longer hangs. */
const routerStartup: Milliseconds = milliseconds(30_000)
/** For the last lines of access logs, after the time in which it was to be through. */
const lastWords: Milliseconds = milliseconds(1000)

type Step = readonly [Router, readonly RouterEffect[]]
const to = (router: Router, ...effects: RouterEffect[]): Step => [router, effects]

/**
 * Decides what becomes of a router. `release` comes once, last, when the process has ended.
 *
 * There is no SIGTERM in a router's life: it drains when told to, and quits when it shall not: it then cuts what runs and hands on the lines of
 * access logs that it still has.
 */
export function reduceRouter(router: Router, event: RouterEvent): Step {
  const since = event.at
  switch (router.phase) {
    case 'starting':
      switch (event.type) {
        case 'hello':
          return to({ phase: 'introduced', since }, 'introduce')
        case 'faulty':
        case 'deadline':
        case 'terminate':
        // It has no client yet.
        case 'drain':
          return to({ phase: 'killed', since }, 'kill')
        case 'exited':
          return to({ phase: 'gone', since }, 'release')
        case 'listening':
          return to(router)
      }
    case 'introduced':
      switch (event.type) {
        case 'listening':
          return to({ phase: 'ready', since })
        case 'faulty':
        case 'deadline':
          return to({ phase: 'killed', since }, 'kill')
        case 'terminate':
          return to({ phase: 'draining', since, until: since }, 'quit')
        case 'drain':
          return to({ phase: 'draining', since, until: event.until }, 'drain')
        case 'exited':
          return to({ phase: 'gone', since }, 'release')
        case 'hello':
          return to(router)
      }
    case 'ready':
      switch (event.type) {
        case 'drain':
          return to({ phase: 'draining', since, until: event.until }, 'drain')
        case 'terminate':
          return to({ phase: 'draining', since, until: since }, 'quit')
        case 'faulty':
          return to({ phase: 'killed', since }, 'kill')
        case 'exited':
          return to({ phase: 'gone', since }, 'release')
        case 'hello':
        case 'listening':
        case 'deadline':
          return to(router)
      }
    case 'draining':
      switch (event.type) {
        case 'deadline':
        case 'faulty':
          return to({ phase: 'killed', since }, 'kill')
        case 'terminate':
          return to({ ...router, until: router.until < since ? router.until : since }, 'quit')
        case 'exited':
          return to({ phase: 'gone', since }, 'release')
        case 'hello':
        case 'listening':
        case 'drain':
          return to(router)
      }
    case 'killed':
      return event.type === 'exited' ? to({ phase: 'gone', since }, 'release') : to(router)
    case 'gone':
      return to(router)
  }
}

/** When something must happen to this router by itself; null: it may stay as it is for ever. */
export function deadlineOfRouter(router: Router): Instant | null {
  switch (router.phase) {
    case 'starting':
    case 'introduced':
      return instant(router.since + routerStartup)
    case 'draining':
      return instant(router.until + lastWords)
    case 'ready':
    case 'killed':
    case 'gone':
      return null
  }
}
