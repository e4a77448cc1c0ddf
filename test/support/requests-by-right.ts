// Which requests stand in a stream of bytes, by the letter of RFC 9112 and nothing beyond: the judge of what a server has run. Written
// without a look at any server's parser; slow and short.

const requestLine = /^([A-Z-]+) +(\S+) +HTTP\/1\.([01])\r\n/
const fieldLine = /^([!#$%&'*+.^_`|~0-9A-Za-z-]+):[ \t]*([\t\x20-\x7e\x80-\xff]*?)[ \t]*\r\n/

type Fields = ReadonlyMap<string, readonly string[]>

/**
 * The targets of all requests that are complete and unambiguous, until the first that is not or that ends the connection.
 *
 * @param bytes latin-1, all that a client sends on a connection
 */
export function requestsByRight(bytes: string): string[] {
  return judge(bytes).targets
}

/** Whether nothing is left over behind the last of them, and the connection goes on. */
export function staysOpen(bytes: string): boolean {
  return judge(bytes).rest === '' && !/upgrade|expect/i.test(bytes)
}

function judge(bytes: string): { targets: string[]; rest: string } {
  const targets: string[] = []
  for (let rest = bytes.replace(/^[\r\n]+/, ''); ; rest = rest.replace(/^[\r\n]+/, '')) {
    const line = requestLine.exec(rest)
    if (line === null) return { targets, rest }
    const [all, method, target = '', minor] = line
    const head = readFields(rest.slice(all.length))
    const after = head === undefined ? undefined : afterBody(head.fields, head.rest, minor === '0')
    if (head === undefined || after === undefined || !hasHost(head.fields, minor === '0')) return { targets, rest }
    targets.push(target)
    const options = (head.fields.get('connection') ?? []).flatMap((value) =>
      value.split(',').map((option) => option.trim().toLowerCase()),
    )
    const isLast = options.includes('close') || (minor === '0' && !options.includes('keep-alive'))
    if (isLast || method === 'CONNECT') return { targets, rest: all }
    rest = after
  }
}

/** Undefined when they are not well-formed or have no end. */
function readFields(bytes: string): { fields: Fields; rest: string } | undefined {
  const fields = new Map<string, string[]>()
  for (let rest = bytes; ;) {
    if (rest.startsWith('\r\n')) return { fields, rest: rest.slice(2) }
    const [line, name = '', value = ''] = fieldLine.exec(rest) ?? []
    if (line === undefined) return undefined
    const key = name.toLowerCase()
    fields.set(key, [...(fields.get(key) ?? []), value])
    rest = rest.slice(line.length)
  }
}

function hasHost(fields: Fields, isOld: boolean): boolean {
  const hosts = fields.get('host')?.length ?? 0
  return hosts === 1 || (hosts === 0 && isOld)
}

/** What follows the body; undefined when that is incomplete or its length could be understood in two ways. */
function afterBody(fields: Fields, rest: string, isOld: boolean): string | undefined {
  const lengths = fields.get('content-length') ?? []
  const codings = fields.get('transfer-encoding') ?? []
  if (lengths.length + codings.length > 1) return undefined
  const [length] = lengths
  const [coding] = codings
  if (length !== undefined)
    return /^\d+$/.test(length) && rest.length >= Number(length) ? rest.slice(Number(length)) : undefined
  if (coding === undefined) return rest
  return isOld || coding.toLowerCase() !== 'chunked' ? undefined : afterChunks(rest)
}

function afterChunks(bytes: string): string | undefined {
  for (let rest = bytes; ;) {
    const [line, digits = ''] = /^([0-9A-Fa-f]+)(?:;[\t\x20-\x7e\x80-\xff]*)?\r\n/.exec(rest) ?? []
    if (line === undefined) return undefined
    const size = Number.parseInt(digits, 16)
    rest = rest.slice(line.length)
    if (size === 0) return readFields(rest)?.rest
    if (rest.slice(size, size + 2) !== '\r\n') return undefined
    rest = rest.slice(size + 2)
  }
}
