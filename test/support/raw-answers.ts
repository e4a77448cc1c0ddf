// HTTP answers taken apart byte by byte, by the rules of RFC 9112 and with no tolerance: what is not one throws.

export type RawAnswer = Readonly<{ status: number; headers: ReadonlyMap<string, string>; body: string }>

/**
 * All answers in what a server sent on one connection.
 *
 * @param bytes   latin-1
 * @param bodiless the answers are to HEAD: none has a body, whatever its header says
 * @throws when something is left over or incomplete
 */
export function parseAnswers(bytes: string, bodiless = false): RawAnswer[] {
  const answers: RawAnswer[] = []
  for (let rest = bytes; rest !== '';) {
    const head = /^HTTP\/1\.1 (\d{3}) [^\r\n]*\r\n((?:[!#$%&'*+.^_`|~\w-]+: ?[^\r\n]*\r\n)*)\r\n/.exec(rest)
    if (head === null) throw new Error(`no answer: ${JSON.stringify(rest.slice(0, 200))}`)
    const status = Number(head[1])
    const headers = new Map(
      (head[2] ?? '').split('\r\n').flatMap((line) => {
        const [, name, value] = /^([^:]+): ?(.*)$/.exec(line) ?? []
        return name === undefined ? [] : [[name.toLowerCase(), value ?? ''] as const]
      }),
    )
    const after = rest.slice(head[0].length)
    const hasBody = !bodiless && status >= 200 && status !== 204 && status !== 304
    const [body, length] = hasBody ? bodyOf(headers, after) : ['', 0]
    answers.push({ status, headers, body })
    rest = after.slice(length)
  }
  return answers
}

/** The body and how many bytes it takes up. */
function bodyOf(headers: ReadonlyMap<string, string>, bytes: string): [string, number] {
  const length = headers.get('content-length')
  if (headers.get('transfer-encoding') === 'chunked') {
    if (length !== undefined) throw new Error('an answer with Content-Length and Transfer-Encoding')
    return chunked(bytes)
  }
  if (length === undefined) return [bytes, bytes.length]
  if (bytes.length < Number(length)) throw new Error(`an answer with ${bytes.length} of ${length} bytes`)
  return [bytes.slice(0, Number(length)), Number(length)]
}

function chunked(bytes: string): [string, number] {
  let body = ''
  for (let at = 0; ;) {
    const size = /^([0-9a-f]+)\r\n/i.exec(bytes.slice(at, at + 12))
    if (size === null) throw new Error(`no chunk: ${JSON.stringify(bytes.slice(at, at + 40))}`)
    const length = Number.parseInt(size[1] ?? '', 16)
    const start = at + size[0].length
    if (bytes.slice(start + length, start + length + 2) !== '\r\n') throw new Error('a chunk without its end')
    body += bytes.slice(start, start + length)
    at = start + length + 2
    if (length === 0) return [body, at]
  }
}
