// Follows a path as the kernel does and notes owner and mode of everything on the way.
// Judges nothing: that is plan/'s business.
import { lstat, readlink, type Stats } from 'node:fs'
import { dirname, join } from 'node:path'
import { promisify } from 'node:util'
import { errnoOf } from '../errno.ts'
import type { PathFacts, PathStep } from '../plan/facts.ts'
import { gid, uid } from '../units.ts'

// Half the time of node:fs/promises: 25 ms against 47 for 3,000 files.
const look = promisify(lstat)
const follow = promisify(readlink)

// As many links as the kernel follows: path_resolution(7).
const mostLinks = 40

type Looked = Readonly<{ step: PathStep; linkTo: string | undefined }> | Readonly<{ reason: string }>

/**
 * Makes a function that follows absolute paths, as a process with this root directory ("/" without one) finds them. What it has looked at it remembers: one `lstat` for a directory above a thousand files.
 */
export function pathWalker(): (path: string, root?: string) => Promise<PathFacts> {
  const seen = new Map<string, Promise<Looked>>()
  const lookOnce = (path: string): Promise<Looked> => {
    const known = seen.get(path) ?? lookAt(path)
    seen.set(path, known)
    return known
  }
  return (path, root = '/') => walk({ path, root }, lookOnce)
}

type Way = Readonly<{ path: string; root: string }>

async function walk({ path, root }: Way, lookOnce: (path: string) => Promise<Looked>): Promise<PathFacts> {
  const steps: PathStep[] = []
  const ahead = ['/', ...segmentsOf(path)]
  let directory = root
  let links = 0
  for (let name = ahead.shift(); name !== undefined; name = ahead.shift()) {
    const next = name === '/' || (name === '..' && directory === root) ? root : join(directory, name)
    const looked = await lookOnce(next)
    if ('reason' in looked) return { found: false, steps, missing: next, reason: looked.reason }
    steps.push(looked.step)
    if (looked.linkTo === undefined) {
      directory = next
      continue
    }
    if (++links > mostLinks) return { found: false, steps, missing: next, reason: 'ELOOP' }
    ahead.unshift(...(looked.linkTo.startsWith('/') ? ['/'] : []), ...segmentsOf(looked.linkTo))
    if (looked.linkTo.startsWith('/')) directory = root
    else directory = dirname(next)
  }
  const target = steps.at(-1)
  return target ? { found: true, steps, target } : { found: false, steps, missing: path, reason: 'ENOENT' }
}

const segmentsOf = (path: string): readonly string[] => path.split('/').filter((name) => name !== '' && name !== '.')

async function lookAt(path: string): Promise<Looked> {
  try {
    const stats = await look(path)
    return { step: stepOf(path, stats), linkTo: stats.isSymbolicLink() ? await follow(path) : undefined }
  } catch (error) {
    return { reason: errnoOf(error) }
  }
}

function stepOf(path: string, stats: Stats): PathStep {
  return { path, kind: kindOf(stats), uid: uid(stats.uid), gid: gid(stats.gid), mode: stats.mode & 0o7777 }
}

function kindOf(stats: Stats): PathStep['kind'] {
  if (stats.isDirectory()) return 'directory'
  if (stats.isFile()) return 'file'
  if (stats.isSymbolicLink()) return 'link'
  return stats.isSocket() ? 'socket' : 'other'
}
