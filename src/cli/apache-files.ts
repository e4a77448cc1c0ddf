// The files of an Apache configuration on this machine, for `wsgid import-apache`: what Include names, what a path is, Debian's envvars.
import { existsSync, readFileSync, statSync } from 'node:fs'
import { dirname, join, resolve } from 'node:path'
import { globSync } from 'tinyglobby'
import { absolutePath, type IncludedFile, type KindOf, type World } from '../apache/expand.ts'
import { CommandFailure } from './failure.ts'

/** @param main the main file; where it stands is ServerRoot, if it does not say otherwise */
export function worldOf(main: string): World {
  const home = dirname(resolve(main))
  return {
    serverRoot: home,
    include: (pattern, serverRoot) => included(absolutePath(pattern, serverRoot)),
    kindOf,
    variables: environmentOf(join(home, 'envvars')),
  }
}

/** @throws CommandFailure when it cannot be read */
export function textOf(path: string): string {
  try {
    return readFileSync(path, 'utf8')
  } catch (error) {
    const why = error instanceof Error ? error.message : String(error)
    throw new CommandFailure(`import-apache: ${path} cannot be read: ${why}; name Apache's main configuration file`)
  }
}

export const kindOf: KindOf = (path) => {
  const stats = statSync(path, { throwIfNoEntry: false })
  if (stats === undefined) return 'absent'
  return stats.isDirectory() ? 'directory' : 'file'
}

function included(pattern: string): readonly IncludedFile[] {
  const options = { absolute: true, onlyFiles: false, expandDirectories: false } as const
  const found = /[*?[]/.test(pattern) ? globSync([pattern], options) : [pattern]
  return found
    .map((path) => path.replace(/(.)\/$/, '$1'))
    .sort()
    .flatMap(filesAt)
    .map((name) => ({ name, text: textOf(name) }))
}

/** A directory stands for all files in it and below. */
function filesAt(path: string): readonly string[] {
  if (kindOf(path) !== 'directory') return kindOf(path) === 'file' ? [path] : []
  return globSync(['**'], { cwd: path, absolute: true, dot: true }).sort()
}

/** Debian's envvars beside apache2.conf: `export NAME=value`, as far as that can be read without a shell. */
function environmentOf(path: string): ReadonlyMap<string, string> {
  const text = existsSync(path) ? textOf(path) : ''
  const exports = text.matchAll(/^(?:export )?([A-Za-z_]\w*)=["']?([^\s"']*)["']?$|^: \$\{([A-Za-z_]\w*):=([^}]*)\}$/gm)
  return new Map(
    Array.from(exports, ([, name, value = '', other = '', otherwise = '']) => [
      name ?? other,
      (name === undefined ? otherwise : value).replaceAll('$SUFFIX', ''),
    ]),
  )
}
