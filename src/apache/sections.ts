// Which <Directory>, <Files> and <Location> hold for an application or a static directory, for all of it or for a part.
import type { Overlay, Scope } from './collected.ts'
import { withoutSlash } from './paths.ts'
import { compile, escapePattern, globPattern, literalBeginning, plainPattern } from './patterns.ts'

/** What sections are asked about. `url` is a path, or with `isPattern` an expression; `file` may have "$1" in it. */
export type Subject = Readonly<{ scope: Scope; url: string; isPattern: boolean; file: string }>

/** The path below the subject's that a section is about, "" for everything. */
export type Holding = Readonly<{ overlay: Overlay; below: string }>

/** In the order in which Apache applies them: the main server's first, directories from the root down, locations last. */
export function sectionsOf(subject: Subject, all: readonly Overlay[]): readonly Holding[] {
  const held = all
    .filter(({ scope }) => scope === subject.scope || scope.virtual === null)
    .flatMap((overlay) => {
      const below = belowOf(overlay, subject)
      return below === null ? [] : [{ overlay, below }]
    })
  return held.sort(
    ({ overlay: a }, { overlay: b }) =>
      rank[a.kind] - rank[b.kind] ||
      depth(a) - depth(b) ||
      Number(a.scope.virtual !== null) - Number(b.scope.virtual !== null),
  )
}

/** Whether a section that is not known to hold for the subject or a path below it may hold for something there all the same. */
export function mayReachInto(overlay: Overlay, subject: Subject): boolean {
  const { scope } = overlay
  if (belowOf(overlay, subject) !== null || (scope !== subject.scope && scope.virtual !== null)) return false
  const isPossible = (each: Overlay): boolean =>
    mayMeet(each, subject) && (each.holder === null || isPossible(each.holder))
  return isPossible(overlay)
}

function mayMeet(overlay: Overlay, subject: Subject): boolean {
  if (belowItself(overlay, subject) !== null) return true
  const { kind, path } = overlay
  const { url, isPattern, file } = subject
  const directory = `${file.replace(/\/[^/]*$/, '')}/`
  switch (kind) {
    case 'directory':
      return isGlob(path) ? canBegin(`^${globPattern(path)}`, directory) : path.startsWith(directory)
    case 'directorymatch':
      return canBegin(path, directory)
    case 'files':
    case 'filesmatch':
      return true
    case 'location':
    case 'locationmatch':
      return canBegin(
        kind === 'location' ? `^${isGlob(path) ? globPattern(path) : escapePattern(path)}` : path,
        isPattern ? literalBeginning(url) : `${withoutSlash(url)}/`,
      )
  }
}

/** Whether something that begins so may match, as far as the literal beginning of the expression tells. */
function canBegin(pattern: string, beginning: string): boolean {
  const literal = literalBeginning(pattern)
  return literal.startsWith(beginning) || beginning.startsWith(literal)
}

/** Whether a section is about nothing but names that begin with a dot, as `<FilesMatch "^\.ht">` is: the routers serve none. */
export function isAboutDotNames({ kind, path }: Overlay): boolean {
  switch (kind) {
    case 'files':
      return path.startsWith('.')
    case 'filesmatch':
      return literalBeginning(path).startsWith('.')
    case 'directory':
      return /\/\.[^/]*$/.test(withoutSlash(path))
    case 'directorymatch':
      return literalBeginning(`^${path}`).startsWith('/.')
    case 'location':
    case 'locationmatch':
      return false
  }
}

const isGlob = (path: string): boolean => /[*?[]/.test(path)

const rank = { directory: 0, directorymatch: 1, files: 2, filesmatch: 2, location: 3, locationmatch: 3 } as const

const depth = ({ kind, path }: Overlay): number => (kind === 'directory' ? withoutSlash(path).split('/').length : 0)

function belowOf(overlay: Overlay, subject: Subject): string | null {
  const own = belowItself(overlay, subject)
  if (own === null || overlay.holder === null) return own
  const outer = belowOf(overlay.holder, subject)
  return outer === null ? null : own || outer
}

function belowItself({ kind, path }: Overlay, subject: Subject): string | null {
  const whole = (holds: boolean | undefined): string | null => (holds === true ? '' : null)
  const directory = subject.file.replace(/\/[^/]*$/, '')
  const name = subject.file.replace(/^.*\//, '')
  switch (kind) {
    case 'directory':
      return whole(compile(`^${globPattern(withoutSlash(path))}(?:/|$)`)?.test(directory))
    case 'directorymatch':
      return whole(compile(path)?.test(directory) ?? false)
    case 'files':
      return whole(compile(`^${globPattern(path)}$`)?.test(name))
    case 'filesmatch':
      return whole(compile(path)?.test(name) ?? false)
    case 'location':
      return isGlob(path)
        ? belowPattern(`^${globPattern(withoutSlash(path))}(?:/|$)`, subject)
        : belowPath(withoutSlash(path), subject)
    case 'locationmatch':
      return belowPattern(path, subject)
  }
}

function belowPath(path: string, { url, isPattern }: Subject): string | null {
  const mount = withoutSlash(isPattern ? literalBeginning(url).replace(/[^/]*$/, '') : url)
  if (isBelow(mount, path)) return ''
  return isPattern || !isBelow(path, mount) ? null : path.slice(mount.length)
}

const isBelow = (path: string, prefix: string): boolean => path === prefix || path.startsWith(`${prefix}/`)

/** The expression of the subject with a literal path behind it, also where the "^" is left out; or one that fits to everything in it. */
function belowPattern(pattern: string, { url, isPattern }: Subject): string | null {
  const mount = withoutSlash(url)
  const expression = isPattern ? null : compile(pattern)
  if (expression?.test(mount || '/') === true && expression.test(`${mount}/any/page.html`)) return ''
  const wanted = plainPattern(pattern)
  const own = isPattern ? plainPattern(url) : `^${escapePattern(mount)}`
  if (/^\^?(?:\/(?:\.\*)?)?$/.test(wanted)) return ''
  const beginning = [own, own === '^' ? '^' : own.slice(1)].find((each) => wanted.startsWith(each))
  if (beginning === undefined) return null
  const rest = wanted.slice(beginning.length).replace(/(?:\((?:\?:)?\/\|\$\)|\/?\??\.\*|\/\?|\/|\$)+$/, '')
  const path = rest.replaceAll(/\\([^A-Za-z0-9])/g, '$1')
  return /^(?:\/[\w.~-]+)*$/.test(path) && !/[^\\]\./.test(rest) ? path : null
}
