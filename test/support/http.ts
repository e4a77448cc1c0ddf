// A small HTTP client for tests: one request and its whole answer, with every header as it came. Streams and raw bytes
// are in streaming.ts and raw-http.ts.
import { Agent, request as httpRequest, type IncomingMessage, type OutgoingHttpHeaders } from 'node:http'
import { buffer } from 'node:stream/consumers'

export type Answer = Readonly<{
  status: number
  reason: string
  headers: IncomingMessage['headers']
  /** Names and values in turn, as received. */
  rawHeaders: readonly string[]
  body: Buffer
  text: string
}>

export type RequestOptions = Readonly<{
  method?: string
  headers?: OutgoingHttpHeaders
  body?: string | Buffer
  agent?: Agent
  /** Gives up (ETIMEDOUT) when so long nothing has come; default: never. */
  timeoutMs?: number
  /** Connects there instead of to the URL's host. */
  socketPath?: string
}>

/** @throws when the connection fails or the answer is cut off: node's error, with its `code` */
export async function request(url: string, options: RequestOptions = {}): Promise<Answer> {
  const response = await openRequest(url, options)
  const body = await buffer(response)
  return {
    status: response.statusCode ?? 0,
    reason: response.statusMessage ?? '',
    headers: response.headers,
    rawHeaders: response.rawHeaders,
    body,
    text: body.toString('latin1'),
  }
}

/** Sends a request and resolves when the head of the answer is there; the caller reads or destroys the body. */
export function openRequest(url: string, options: RequestOptions = {}): Promise<IncomingMessage> {
  const { method = options.body === undefined ? 'GET' : 'POST', headers = {}, agent, socketPath } = options
  return new Promise((resolve, reject) => {
    const outgoing = httpRequest(
      url,
      { method, headers, agent: agent ?? false, ...(socketPath && { socketPath }) },
      resolve,
    )
    outgoing.on('error', reject)
    if (options.timeoutMs !== undefined) {
      const tooLate = Object.assign(new Error('no answer in time'), { code: 'ETIMEDOUT' })
      outgoing.setTimeout(options.timeoutMs, () => outgoing.destroy(tooLate))
    }
    outgoing.end(options.body)
  })
}

/** GET whose answer is a JSON object. @throws when the status is not 200 */
export async function getJson(url: string, options: RequestOptions = {}): Promise<Record<string, unknown>> {
  const answer = await request(url, options)
  if (answer.status !== 200) throw new Error(`${url}: ${answer.status} ${answer.text.slice(0, 500)}`)
  const value: unknown = JSON.parse(answer.text)
  if (!isRecord(value)) throw new Error(`${url} answered no JSON object: ${answer.text.slice(0, 100)}`)
  return value
}

/** The value of the header Authorization for "user:password" (RFC 7617). */
export const basicLogin = (credentials: string): string => `Basic ${Buffer.from(credentials).toString('base64')}`

/** An agent that keeps its connections open, at most so many. */
export function keepAliveAgent(connections = 1): Agent {
  return new Agent({ keepAlive: true, maxSockets: connections })
}

export function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}
