// What a comparison has found.
import type { Server } from '../servers/server.ts'
import type { Difference } from './differences.ts'

/** Both servers, running. */
export type Sites = Readonly<{ apache: Server; wsgid: Server }>

/** `occurred`: differences that are meant, with the number of requests they were seen in. */
export type Findings = Readonly<{
  compared: number
  unexplained: readonly string[]
  occurred: ReadonlyMap<Difference, number>
}>
