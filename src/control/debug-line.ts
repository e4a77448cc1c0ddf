// What `wsgid debug` asks, and what it is told line by line while it goes on. Types only.

/** `share` of the requests, above 0 and up to 1; or those with a header: name in lower case, null for any value. */
export type DebugChoice =
  Readonly<{ share: number }> | Readonly<{ header: Readonly<{ name: string; value: string | null }> }>

export type DebugQuestion = Readonly<{
  group: string
  /** null: that of the group, which must be the only one. */
  applicationGroup: string | null
  choice: DebugChoice
  /** Files as the worker finds them, with a line each. */
  breaks: readonly (readonly [file: string, line: number])[]
}>

/** What to run: `configure` is the first line for its descriptor 3; descriptor 4 is a socket bound at `socketPath`, for `routerGid` (null: nobody else). */
export type DebugLaunch = Readonly<{
  worker: number
  command: Readonly<{ file: string; args: readonly string[]; env: Readonly<Record<string, string>> }>
  cwd: string
  configure: string
  socketPath: string
  routerGid: number | null
}>

export type DebugLine =
  | Readonly<{ type: 'refused'; message: string }>
  | (Readonly<{ type: 'prepared' }> & DebugLaunch)
  /** The routers give it no more requests. */
  | Readonly<{ type: 'ending'; why: string }>
  /** Last line: no router has a request there. */
  | Readonly<{ type: 'idle' }>
