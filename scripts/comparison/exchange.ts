// One request over a TCP connection of its own, and the answer taken apart. Knows neither server.
import { connect } from 'node:net'

/** An HTTP answer; header names lower case, texts latin-1. */
export type Answer = Readonly<{ status: number; headers: ReadonlyMap<string, readonly string[]>; body: string }>

const LONGEST_WAIT_MS = 20_000

/** Sends the bytes and reads until the server closes. @throws when it does not close in time or answers no HTTP */
export function send(url: string, bytes: string): Promise<Answer> {
  const { hostname, port } = new URL(url)
  return new Promise((resolve, reject) => {
    const socket = connect({ host: hostname, port: Number(port), timeout: LONGEST_WAIT_MS })
    const parts: Buffer[] = []
    socket.on('timeout', () => socket.destroy(new Error(`${url}: silent for ${LONGEST_WAIT_MS} ms`)))
    socket.on('data', (part) => parts.push(part))
    socket.on('error', reject)
    socket.on('end', () => {
      try {
        resolve(parseAnswer(Buffer.concat(parts).toString('latin1')))
      } catch (error) {
        reject(error instanceof Error ? error : new Error(String(error)))
      }
    })
    socket.write(bytes, 'latin1')
  })
}

/** Takes an answer apart whose connection was closed behind it; interim answers (1xx) are left out. */
export function parseAnswer(text: string): Answer {
  const end = text.indexOf('\r\n\r\n')
  const [line = '', ...fields] = text.slice(0, Math.max(end, 0)).split('\r\n')
  const status = Number(/^HTTP\/1\.[01] (\d{3})/.exec(line)?.[1])
  if (end < 0 || Number.isNaN(status)) throw new Error(`no HTTP answer: ${JSON.stringify(text.slice(0, 200))}`)
  const rest = text.slice(end + 4)
  if (status < 200) return parseAnswer(rest)
  const headers = new Map<string, string[]>()
  for (const field of fields) {
    const colon = field.indexOf(':')
    const name = field.slice(0, colon).toLowerCase()
    headers.set(name, [...(headers.get(name) ?? []), field.slice(colon + 1).trim()])
  }
  return { status, headers, body: headers.get('transfer-encoding')?.[0] === 'chunked' ? unchunk(rest) : rest }
}

/** @throws when the last chunk is missing: a truncated answer must not pass for a whole one */
function unchunk(text: string): string {
  let body = ''
  for (let position = 0; ;) {
    const lineEnd = text.indexOf('\r\n', position)
    const length = lineEnd < 0 ? Number.NaN : Number.parseInt(text.slice(position, lineEnd), 16)
    if (Number.isNaN(length)) throw new Error('a chunked body without its end')
    if (length === 0) return body
    body += text.slice(lineEnd + 2, lineEnd + 2 + length)
    position = lineEnd + 2 + length + 2
  }
}
