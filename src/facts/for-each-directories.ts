// Finds the directories of a group file with `for-each`, and says which of them make no group and why.
// What the groups are is config/'s business; whether what lies above the directories is safe, plan/'s.
import { lstat, readdir, stat, type Stats } from 'node:fs'
import { basename, dirname, join } from 'node:path'
import { promisify } from 'node:util'
import picomatch from 'picomatch'
import { glob, isDynamicPattern } from 'tinyglobby'
import type { Diagnostic } from '../config/diagnostics.ts'
import type { ForEach, Instance } from '../config/for-each.ts'
import { groupName } from '../config/group-schema.ts'
import { errnoOf } from '../errno.ts'
import { isNumber } from '../plan/facts.ts'
import { lookUpAccounts } from './accounts.ts'

/** A directory that makes a group. `foundIn`: the directory above it, absolute. */
export type FoundInstance = Instance & Readonly<{ foundIn: string }>

export type FoundDirectories = Readonly<{
  /** By path. */
  instances: readonly FoundInstance[]
  /** Directories that lack what is required, absolute. */
  incomplete: readonly string[]
  /** Directories that are there and make no group, though nobody asked for that. */
  warnings: readonly Diagnostic[]
}>

// Faster than node:fs/promises by more than half, which counts for thousands of directories.
const look = promisify(lstat)
const lookThrough = promisify(stat)
const list = promisify(readdir)

/** Looks for the directories. Links to directories are looked at, and make no group. */
export async function findDirectories(forEach: ForEach): Promise<FoundDirectories> {
  const { paths, missing } = await matchingPaths(forEach.pattern)
  const found = await Promise.all(paths.map((path) => lookAt(path, forEach.require)))
  const complete = found.filter((looked) => looked !== null && looked.complete)
  const judged = complete.flatMap((looked) =>
    looked === null ? [] : [{ ...looked, wrong: objection(looked, forEach) }],
  )
  const good = judged.filter(({ wrong }) => wrong === null)
  const nameOfOwner = forEach.namesOwner ? await ownerNames(good.map(({ stats }) => stats.uid)) : String
  return {
    instances: good.map(({ path, stats }) => ({
      name: basename(path),
      owner: nameOfOwner(stats.uid),
      foundIn: dirname(path),
    })),
    incomplete: found.flatMap((looked) => (looked === null || looked.complete ? [] : [looked.path])),
    warnings: [
      ...missing.map((path) => noDirectory(path, forEach)),
      ...judged.flatMap(({ path, wrong }) => (wrong === null ? [] : [noGroup(path, wrong, forEach)])),
    ],
  }
}

type Paths = Readonly<{ paths: readonly string[]; missing: readonly string[] }>

/** Everything that matches, absolute and sorted, and directories that should be there to look into. */
async function matchingPaths(pattern: string): Promise<Paths> {
  const [above, last] = [dirname(pattern), basename(pattern)]
  const dynamic = isDynamicPattern(above)
  const parents = dynamic ? await glob(above, { ...directoriesOnly, cwd: '/' }) : [above]
  const matches = picomatch(last)
  const lists = await Promise.all(
    parents.map(async (parent) => {
      const names = await list(parent).catch(() => null)
      return names === null
        ? { paths: [], missing: dynamic ? [] : [parent] }
        : { paths: names.filter((name) => matches(name)).map((name) => join(parent, name)), missing: [] }
    }),
  )
  return { paths: lists.flatMap(({ paths }) => paths).sort(), missing: lists.flatMap(({ missing }) => missing) }
}

const directoriesOnly = { absolute: true, onlyDirectories: true, expandDirectories: false } as const

type Looked = Readonly<{ path: string; stats: Stats; complete: boolean }>

/** @returns null for what is no directory or has just gone: nobody asked for a group there */
async function lookAt(path: string, required: string | null): Promise<Looked | null> {
  try {
    const stats = await look(path)
    const isDirectory = stats.isSymbolicLink() ? (await lookThrough(path)).isDirectory() : stats.isDirectory()
    if (!isDirectory) return null
    return { path, stats, complete: required === null || (await exists(join(path, required))) }
  } catch (error) {
    errnoOf(error)
    return null
  }
}

const exists = (path: string): Promise<boolean> =>
  lookThrough(path).then(
    () => true,
    () => false,
  )

type Objection = Readonly<{ why: string; cure: string }>

function objection({ path, stats }: Looked, { namesOwner }: ForEach): Objection | null {
  if (!groupName.test(basename(path)))
    return {
      why: 'its name cannot be that of a group',
      cure: 'a letter or digit, then letters, digits, ".", "_" or "-", at most 64 in all: rename it, or narrow the pattern',
    }
  if (stats.isSymbolicLink())
    return { why: 'it is a symbolic link', cure: 'only directories make groups: move or mount it there' }
  if (namesOwner && stats.uid === 0)
    return {
      why: 'it belongs to root',
      cure: 'no group runs as root: chown it to the account that its group shall run as',
    }
  return null
}

function noGroup(path: string, { why, cure }: Objection, { file }: ForEach): Diagnostic {
  const name = basename(path)
  const place = { ...file.placeOf(['for-each'], 'value'), ...(groupName.test(name) && { instance: name }) }
  // A name that is no group's may have anything in it, also what steers a terminal.
  return { ...place, code: 'unusable-directory', what: `${JSON.stringify(path)} makes no group: ${why}`, cure }
}

function noDirectory(path: string, { file }: ForEach): Diagnostic {
  return {
    ...file.placeOf(['for-each'], 'value'),
    code: 'unusable-directory',
    what: `there is no directory "${path}", so the file makes no group`,
    cure: 'mind the spelling, or make the directory',
  }
}

/** As `user` takes them: an account's name, else the uid. */
async function ownerNames(uids: readonly number[]): Promise<(uid: number) => string> {
  const accounts = await lookUpAccounts([...new Set(uids)].map(String))
  const names = new Map<number, string>(accounts.map(({ uid, name }) => [uid, name]))
  return (uid) => {
    const name = names.get(uid)
    return name === undefined || isNumber(name) ? String(uid) : name
  }
}
