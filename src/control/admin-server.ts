// HTTP for whoever watches the server: Prometheus, load balancers. Reads nothing but request lines and heads, changes nothing, and
// asks nobody who he is: where it listens decides who can connect. Knows neither metrics nor groups.
import { createServer, type IncomingMessage, type Server, type ServerResponse } from 'node:http'

export type AdminAnswer = Readonly<{ status: number; contentType: string; body: string }>

/** What can be asked. Each question is answered within bounded time. */
export type AdminApi = Readonly<{
  /** @param accept the Accept header: which format is wanted */
  metrics: (accept: string) => Promise<AdminAnswer>
  /** The supervisor is there. */
  health: () => AdminAnswer
  /** Whether requests are served: by the server, or by one group. */
  readiness: (group: string | null) => AdminAnswer
}>

/** Some scrapers, a balancer, a person: more are mistakes or mischief, and Node refuses them. */
const mostConnections = 32
/** How long a client may take, milliseconds. */
type Patience = Readonly<{
  /** For the head of a request. */
  head: number
  /** Until it takes something of an answer. */
  answer: number
  /** Until it asks again. */
  keepAlive: number
}>

/** Who takes longer is nobody who watches, or would hold a place of the few. An answer may have to be found out meanwhile. */
const usualPatience: Patience = { head: 5000, answer: 30_000, keepAlive: 75_000 }

/** @param api undefined as long as nothing can be answered yet */
export function createAdminServer(
  api: () => AdminApi | undefined,
  { head, answer, keepAlive } = usualPatience,
): Server {
  const server = createServer(
    {
      maxHeaderSize: 8192,
      headersTimeout: head,
      requestTimeout: head,
      keepAliveTimeout: keepAlive,
      connectionsCheckingInterval: Math.min(1000, head),
    },
    (request, response) => void respond(api(), request, response),
  )
  server.maxConnections = mostConnections
  // Of a connection on which nothing moves.
  server.setTimeout(answer)
  return server
}

/** A text for people. */
export function plainAnswer(status: number, text: string): AdminAnswer {
  return { status, contentType: 'text/plain; charset=utf-8', body: `${text}\n` }
}

async function respond(api: AdminApi | undefined, request: IncomingMessage, response: ServerResponse): Promise<void> {
  const { status, contentType, body } = await answerSafely(api, request)
  // A body is nothing that we read: what follows on the connection could be it.
  const isLast = hasBody(request) || status === 405
  response
    .writeHead(status, {
      'content-type': contentType,
      'content-length': Buffer.byteLength(body),
      'cache-control': 'no-store',
      ...(status === 405 && { allow: 'GET, HEAD' }),
      ...(isLast && { connection: 'close' }),
    })
    .end(request.method === 'HEAD' ? '' : body)
}

async function answerSafely(api: AdminApi | undefined, request: IncomingMessage): Promise<AdminAnswer> {
  try {
    return await answer(api, request)
  } catch (error) {
    return plainAnswer(500, `cannot tell: ${error instanceof Error ? error.message : String(error)}`)
  }
}

function answer(api: AdminApi | undefined, request: IncomingMessage): AdminAnswer | Promise<AdminAnswer> {
  if (request.method !== 'GET' && request.method !== 'HEAD') return plainAnswer(405, 'only GET and HEAD are answered')
  if (hasBody(request)) return plainAnswer(413, 'no request here has a body')
  const [path = '', query = ''] = (request.url ?? '').split('?', 2)
  if (api === undefined) return plainAnswer(503, 'starting')
  switch (path) {
    case '/metrics':
      return api.metrics(request.headers.accept ?? '')
    case '/healthz':
      return api.health()
    case '/readyz':
      return api.readiness(new URLSearchParams(query).get('group'))
    default:
      return plainAnswer(404, 'there are /metrics, /healthz and /readyz, which takes ?group=NAME')
  }
}

function hasBody({ headers }: IncomingMessage): boolean {
  return 'transfer-encoding' in headers || (headers['content-length'] ?? '0') !== '0'
}
