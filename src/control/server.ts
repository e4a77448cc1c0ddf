// The supervisor's end of the control socket: HTTP and JSON over a Unix socket. The file's mode decides who may connect.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import { z } from 'zod'
import type { DebugLine, DebugQuestion } from './debug-line.ts'
import type { ProgressLine } from './progress-line.ts'
import type { StacksAnswer } from './stacks-document.ts'
import type { StatusDocument } from './status-document.ts'

/** What can be asked of a supervisor. */
export type ControlApi = Readonly<{
  status: () => Promise<StatusDocument>
  /** Where the threads of a group's workers are. */
  stacks: (group: string) => Promise<StacksAnswer>
  /** Begins to stop, or to stop faster. @returns how long that takes at most, in milliseconds */
  stop: (how: 'graceful' | 'now') => number
  /** Takes the configuration over as it is now; `tell` gets what happens. Resolves when it is done. */
  reload: (tell: (line: ProgressLine) => void) => Promise<void>
  /** Rolling restart of these groups, of all without names. */
  restart: (groups: readonly string[], tell: (line: ProgressLine) => void) => Promise<void>
  /** A worker under a debugger: `tell` gets how to run it. Resolves when no router has a request there. `gone`: the command is. */
  debug: (question: DebugQuestion, tell: (line: DebugLine) => void, gone: AbortSignal) => Promise<void>
  debugReady: (worker: number, pid: number) => void
  debugEnd: (worker: number) => void
  /** Resolves when the server has ended and the run-dir is free. */
  ended: Promise<void>
  /** The socket has trouble that concerns no single question, such as too many open files. */
  trouble: (error: Error) => void
}>

const header = z.object({ name: z.string(), value: z.string().nullable() })
const debugQuestion = z.object({
  group: z.string(),
  applicationGroup: z.string().nullable(),
  choice: z.union([z.strictObject({ share: z.number().gt(0).max(1) }), z.strictObject({ header })]),
  breaks: z.array(z.tuple([z.string(), z.number().int().positive()])),
})

type Answer = Readonly<{ status: number; body: unknown }>
type Action = (api: ControlApi, query: URLSearchParams) => Promise<Answer>

/** Method and path of each action that is answered by one document. */
const actions: Readonly<Record<string, Action>> = {
  'GET /status': async (api) => ({ status: 200, body: await api.status() }),
  'GET /stacks': async (api, query) => ({ status: 200, body: await api.stacks(query.get('group') ?? '') }),
  'POST /stop': (api, query) => {
    const withinMs = api.stop(query.has('now') ? 'now' : 'graceful')
    return Promise.resolve({ status: 200, body: { withinMs } })
  },
  'POST /debug/ready': (api, query) => {
    api.debugReady(Number(query.get('worker')), Number(query.get('pid')))
    return Promise.resolve({ status: 200, body: {} })
  },
  'POST /debug/end': (api, query) => {
    api.debugEnd(Number(query.get('worker')))
    return Promise.resolve({ status: 200, body: {} })
  },
  'GET /ended': async (api) => {
    await api.ended
    return { status: 200, body: { ended: true } }
  },
}

type Report = (
  api: ControlApi,
  query: URLSearchParams,
  listener: Readonly<{ tell: (line: ProgressLine | DebugLine) => void; gone: AbortSignal }>,
) => Promise<void>

/** Those that take their time: answered by lines, see ProgressLine and DebugLine. All but debug go on when the asking command goes away. */
const reports: Readonly<Record<string, Report>> = {
  'POST /reload': (api, _query, { tell }) => api.reload(tell),
  'POST /restart': (api, query, { tell }) => api.restart(query.getAll('group'), tell),
  'POST /debug': async (api, query, { tell, gone }) => {
    try {
      await api.debug(debugQuestion.parse(JSON.parse(query.get('question') ?? '')), tell, gone)
    } catch (error) {
      tell({ type: 'refused', message: error instanceof Error ? error.message : String(error) })
    }
  },
}

/**
 * Listens on a path that must not exist; only the owner (and root) can connect.
 *
 * @returns the server once it listens
 * @throws Error when the path cannot be bound
 */
export async function serveControl(path: string, api: ControlApi): Promise<Server> {
  const server = createServer((request, response) => void answer(api, request, response))
  await new Promise<void>((resolve, reject) => {
    server.once('error', reject)
    // The socket must have its mode from its first moment; node binds before `listen` returns.
    const before = process.umask(0o177)
    server.listen(path, resolve)
    process.umask(before)
  })
  server.on('error', api.trouble)
  return server
}

async function answer(api: ControlApi, request: IncomingMessage, response: ServerResponse): Promise<void> {
  request.resume()
  const { pathname, searchParams } = new URL(request.url ?? '/', 'http://control')
  const name = `${request.method ?? ''} ${pathname}`
  const report = reports[name]
  if (report !== undefined) return answerByLines(report, api, { query: searchParams, response })
  const action = actions[name]
  const { status, body } = action === undefined ? unknownAction : await perform(action, api, searchParams)
  response
    .writeHead(status, { 'content-type': 'application/json', connection: 'close' })
    .end(`${JSON.stringify(body)}\n`)
}

async function answerByLines(
  report: Report,
  api: ControlApi,
  { query, response }: Readonly<{ query: URLSearchParams; response: ServerResponse }>,
): Promise<void> {
  response.writeHead(200, { 'content-type': 'application/x-ndjson', connection: 'close' })
  response.flushHeaders()
  // What a command that has gone away, or reads slowly, would be told: a few lines for each worker.
  const tell = (line: ProgressLine | DebugLine) => void response.write(`${JSON.stringify(line)}\n`)
  const gone = new AbortController()
  response.on('close', () => gone.abort())
  await report(api, query, { tell, gone: gone.signal })
  response.end()
}

async function perform(action: Action, api: ControlApi, query: URLSearchParams): Promise<Answer> {
  try {
    return await action(api, query)
  } catch (error) {
    return { status: 500, body: { error: error instanceof Error ? error.message : String(error) } }
  }
}

const unknownAction: Answer = {
  status: 404,
  body: { error: 'no such action; this supervisor may be of another version' },
}
