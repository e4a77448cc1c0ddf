// What `POST /reload` and `POST /restart` answer, one JSON object a line, while it happens. Types only.
import type { Worker } from '../lifecycle/worker.ts'

/** A worker has changed; `pid` is null until it was forked. `group` names its application group too, if that has a name: workers are numbered in each. */
export type WorkerProgress = Readonly<{
  group: string
  worker: number
  generation: number
  pid: number | null
  from: Worker['phase']
  to: Worker['phase']
  why: string
}>

/** What has become of a group: `error` is a traceback or a sentence. */
export type GroupOutcome = Readonly<{
  group: string
  did: 'restarted' | 'started' | 'changed' | 'rerouted' | 'removed'
  error: string | null
}>

export type ProgressLine =
  | (Readonly<{ type: 'worker' }> & WorkerProgress)
  | (Readonly<{ type: 'group' }> & GroupOutcome)
  /** Options of wsgid.yaml that hold from now on; no worker is touched. */
  | Readonly<{ type: 'options'; changed: readonly string[] }>
  /** An address that clients connect to. */
  | Readonly<{ type: 'listener'; url: string; did: 'opened' | 'closed' | 'changed' }>
  /** Nothing was done. `invalid-configuration`: `message` is the whole report. */
  | Readonly<{ type: 'refused'; code: 'invalid-configuration' | 'not-possible' | 'unknown-group'; message: string }>
  /** Instances of for-each that are left out (what runs of them goes on), certificates that clients refuse. `message` is the whole text. */
  | Readonly<{ type: 'left-out'; message: string }>
  /** Last line. */
  | Readonly<{ type: 'done'; failed: number }>
