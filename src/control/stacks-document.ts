// What `wsgid stacks --json` prints: where the threads of a group's workers are. Types only.
import type { PublicGroupState, PublicWorkerState } from '../lifecycle/public-state.ts'

export type FrameDocument = Readonly<{
  file: string
  line: number
  function: string
  /** The source line; "" where it is not known. */
  code: string
}>

/** The outermost frame first. `request`: what the thread serves; null: none, or (`by` is `signal`) not known. `leftOut`: frames in the middle. */
export type ThreadDocument = Readonly<{
  name: string
  request: Readonly<{ id: string; line: string; seconds: number }> | null
  leftOut: number
  frames: readonly FrameDocument[]
}>

/**
 * `by`: the worker itself said it (`worker`); it could not run Python code, and its signal handler wrote it (`signal`); `nobody`: it is stopped, or
 * hangs in the kernel, see `note`. `idle`: threads that wait for a request, and the server's own. `leftOut`: threads for which there was no room.
 */
export type WorkerStacks = Readonly<{
  /** null: not forked yet. */
  pid: number | null
  state: PublicWorkerState
  generation: number
  by: 'worker' | 'signal' | 'nobody'
  note: string
  idle: number
  leftOut: number
  threads: readonly ThreadDocument[]
}>

export type StacksDocument = Readonly<{ group: string; state: PublicGroupState; workers: readonly WorkerStacks[] }>

/** `known`: the groups that there are instead. */
export type StacksAnswer = StacksDocument | Readonly<{ known: readonly string[] }>
