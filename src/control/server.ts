// The supervisor's end of the control socket: HTTP and JSON over a Unix socket. The file's mode decides who may connect.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'
import type { StatusDocument } from './status-document.ts'

/** What can be asked of a supervisor. */
export type ControlApi = Readonly<{
  status: () => Promise<StatusDocument>
  /** Begins to stop, or to stop faster. @returns how long that takes at most, in milliseconds */
  stop: (how: 'graceful' | 'now') => number
  /** Resolves when the server has ended and the run-dir is free. */
  ended: Promise<void>
  /** The socket has trouble that concerns no single question, such as too many open files. */
  trouble: (error: Error) => void
}>

type Answer = Readonly<{ status: number; body: unknown }>
type Action = (api: ControlApi, query: URLSearchParams) => Promise<Answer>

/** Method and path of each action; later ones are added here. */
const actions: Readonly<Record<string, Action>> = {
  'GET /status': async (api) => ({ status: 200, body: await api.status() }),
  'POST /stop': (api, query) => {
    const withinMs = api.stop(query.has('now') ? 'now' : 'graceful')
    return Promise.resolve({ status: 200, body: { withinMs } })
  },
  'GET /ended': async (api) => {
    await api.ended
    return { status: 200, body: { ended: true } }
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
  const action = actions[`${request.method ?? ''} ${pathname}`]
  const { status, body } = action === undefined ? unknownAction : await perform(action, api, searchParams)
  response
    .writeHead(status, { 'content-type': 'application/json', connection: 'close' })
    .end(`${JSON.stringify(body)}\n`)
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
