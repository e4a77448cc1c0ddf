// The texts of htpasswd, htdigest and group files → entries, or the lines that are none. Pure; what is said of a line never shows it.
import { recogniseHash } from './password-hash.ts'

/** What a file is read as. */
export type CredentialKind = 'basic' | 'digest' | 'groups'

/** Entries in the order of the file, bytes as latin-1: [user, hash], [user, realm, hash] or [group, user, user…]. */
export type CredentialEntry = readonly string[]

export type WrongLine = Readonly<{ line: number; why: string }>

export type ParsedCredentials = Readonly<{ entries: readonly CredentialEntry[]; wrong: readonly WrongLine[] }>

/** Reads a file as Apache's providers do: "#" begins a comment line, of a user's several lines the first holds. Unlike them it names lines that mean nothing. */
export function parseCredentials(text: string, kind: CredentialKind): ParsedCredentials {
  const entries: CredentialEntry[] = []
  const wrong: WrongLine[] = []
  for (const [index, raw] of text.split('\n').entries()) {
    const line = raw.replace(/\r$/, '')
    if (line.trim() === '' || line.startsWith('#')) continue
    const read = line.includes('\0') ? 'a NUL' : parsers[kind](line)
    if (typeof read === 'string') wrong.push({ line: index + 1, why: read })
    else entries.push(read)
  }
  return { entries, wrong }
}

type LineParser = (line: string) => CredentialEntry | string

const parsers: Readonly<Record<CredentialKind, LineParser>> = {
  basic: (line) => {
    const [user = '', hash] = line.split(':')
    if (user === '' || hash === undefined) return 'not USER:HASH'
    const recognised = recogniseHash(hash)
    return recognised.ok ? [user, hash] : recognised.why
  },
  digest: (line) => {
    const [user = '', realm = '', hash = '', ...rest] = line.split(':')
    if (user === '' || rest.length > 0 || !/^(?:[0-9a-f]{32}|[0-9a-f]{64})$/i.test(hash))
      return 'not USER:REALM:HASH with an MD5 or SHA-256 hash in hexadecimal digits'
    return [user, realm, hash.toLowerCase()]
  },
  groups: (line) => {
    const colon = line.indexOf(':')
    const name = line.slice(0, Math.max(colon, 0)).trim()
    if (name === '' || /\s/.test(name)) return 'not GROUP: USER USER…'
    return [
      name,
      ...line
        .slice(colon + 1)
        .split(/\s+/)
        .filter((user) => user !== ''),
    ]
  },
}
