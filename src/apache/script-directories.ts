// <Directory /> that is closed, and others that are not: scripts of permitted places only → `script-directories`.
import type { Collected, Overlay } from './collected.ts'
import { admit } from './demands.ts'

/**
 * @param scripts of all applications, perhaps with captures in them
 * @returns the outermost directories that are open and hold a script; none when Apache is open everywhere, or a script is let in in another way
 */
export function scriptDirectories({ overlays }: Collected, scripts: readonly string[]): readonly string[] {
  const directories = overlays.filter(({ kind, holder }) => kind === 'directory' && holder === null)
  const isOpen = ({ settings: { demands } }: Overlay): boolean =>
    demands.length > 0 && admit(demands).admission.kind !== 'closed'
  const root = directories.find(({ path }) => path === '/')
  if (root === undefined || root.settings.demands.length === 0 || isOpen(root)) return []
  const open = directories.filter((each) => each !== root && isOpen(each) && !/[*?[]/.test(each.path))
  const paths = [...new Set(open.map(({ path }) => path.replace(/(.)\/+$/, '$1')))]
  const isIn = (path: string, directory: string): boolean => path.startsWith(`${directory}/`)
  const outermost = paths.filter(
    (path) => scripts.some((script) => isIn(script, path)) && !paths.some((other) => isIn(path, other)),
  )
  return scripts.every((script) => outermost.some((directory) => isIn(script, directory))) ? outermost : []
}
