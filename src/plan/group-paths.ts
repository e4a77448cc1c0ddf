// Whether the files that a group names are there, usable by its identity and, as root, safe from others.
import type { Diagnostic, Place } from '../config/diagnostics.ts'
import type { GroupConfiguration } from '../config/group-configuration.ts'
import { barrier, type Wish } from './access.ts'
import { findPath, ownership, type Facts, type PathFacts, type PathStep } from './facts.ts'
import type { Identity } from './plan.ts'
import { hasReferences } from './references.ts'
import { at, type Problem } from './problem.ts'
import { distrustedDirectoryOfCode, distrustedInterpreter, distrustedScript } from './trust.ts'

type Way = PathFacts & Readonly<{ found: true }>

/** One file that the group names and what it must be. */
type Need = Readonly<{
  /** Of the option that names it. */
  place: () => Place
  as: 'python' | 'home' | 'python-path' | 'python-eggs' | 'script' | 'preload-script'
  path: string
  kind: PathStep['kind']
  wish: Wish
  /** Asked only as root: without root nobody gains rights that he does not have. */
  distrust: (way: Way) => readonly Problem[]
}>

/** Whom the group runs as; `python` is null when there is none to check. */
type Runner = Readonly<{ identity: Identity; python: string | null }>

/** What is wrong with the interpreter, the directories and the scripts of a group; in a chroot, with what is at their paths inside of it. */
export function checkGroupPaths(group: GroupConfiguration, runner: Runner, facts: Facts): readonly Diagnostic[] {
  // What is to be in a chroot that is not there need not be told as well.
  if (group.chroot !== null && !findPath(facts, group.chroot, null).found) return []
  const needs = [
    ...interpreterNeeds(group, runner, facts),
    ...directoryNeeds(group),
    ...codeNeeds(group, runner, facts),
  ]
  return needs.flatMap((need) =>
    at(need.place, check(need, { identity: runner.identity, chroot: group.chroot }, facts)),
  )
}

const file = { kind: 'file' } as const
const directory = { kind: 'directory' } as const

function interpreterNeeds(
  { pythonHome, placeOf }: GroupConfiguration,
  { identity, python }: Runner,
  facts: Facts,
): readonly Need[] {
  if (python === null) return []
  const distrust = (way: Way) => distrustedInterpreter(way, identity, facts)
  const place = () => placeOf([pythonHome === null ? 'python' : 'python-home'])
  return [{ ...file, place, as: 'python', path: python, wish: 'execute', distrust }]
}

// What the tenant can change in his own directories are his own files.
const tenantsOwn = () => []

function directoryNeeds({ home, pythonEggs, placeOf }: GroupConfiguration): readonly Need[] {
  const named: readonly (Need | null)[] = [
    home === null
      ? null
      : { ...directory, place: () => placeOf(['home']), as: 'home', path: home, wish: 'execute', distrust: tenantsOwn },
    pythonEggs === null
      ? null
      : {
          ...directory,
          ...{ place: () => placeOf(['python-eggs']), as: 'python-eggs', path: pythonEggs },
          ...{ wish: 'write', distrust: tenantsOwn },
        },
  ]
  return named.filter((need) => need !== null)
}

function codeNeeds(
  { applications, pythonPath, preloadScripts, placeOf: placeOfGroup }: GroupConfiguration,
  { identity }: Runner,
  facts: Facts,
): readonly Need[] {
  const trustedPath = (way: Way) => distrustedDirectoryOfCode(way, identity, facts)
  const trustedScript = (way: Way) => distrustedScript(way, identity, facts)
  return [
    ...pythonPath.map((path): Need => {
      const place = () => placeOfGroup(['python-path'])
      return { ...directory, place, as: 'python-path', path, wish: 'execute', distrust: trustedPath }
    }),
    ...preloadScripts.map((path): Need => {
      const place = () => placeOfGroup(['preload-script'])
      return { ...file, place, as: 'preload-script', path, wish: 'read', distrust: trustedScript }
    }),
    // What a captured script is shows with a request: the worker looks at it before it loads it.
    ...applications.flatMap(({ entry, placeOf }): readonly Need[] => {
      if (entry.kind !== 'script' || hasReferences(entry.path)) return []
      const place = () => placeOf(['script'])
      return [{ ...file, place, as: 'script', path: entry.path, wish: 'read', distrust: trustedScript }]
    }),
  ]
}

type Whose = Readonly<{ identity: Identity; chroot: string | null }>

function check(need: Need, { identity, chroot }: Whose, facts: Facts): readonly Problem[] {
  const way = findPath(facts, need.path, chroot)
  if (!way.found) return [notFound(need, way)]
  if (way.target.kind !== need.kind) return [wrongKind(need, way.target)]
  const shut = barrier(way, identity, need.wish)
  const unusable = shut ? [closed(need, { identity, shut }, facts)] : []
  return facts.process.uid === 0 ? [...need.distrust(way), ...unusable] : unusable
}

function notFound({ as, path }: Need, { reason, missing }: PathFacts & { found: false }): Problem {
  const absent =
    missing === path ? `${as} "${path}" does not exist` : `${as} "${path}" does not exist: there is no "${missing}"`
  return unusable(
    reason === 'ENOENT' ? absent : `${as} "${path}" cannot be looked at: ${reason} at "${missing}"`,
    'mind the spelling; a relative path starts at the directory of the file it stands in',
  )
}

function wrongKind({ as, path, kind }: Need, target: PathStep): Problem {
  return unusable(`${as} "${path}" is a ${target.kind === 'other' ? 'special file' : target.kind}`, `name a ${kind}`)
}

function closed({ as, path, wish }: Need, denied: { identity: Identity; shut: PathStep }, facts: Facts): Problem {
  const { identity, shut } = denied
  const verb = as === 'python' ? 'executed' : ({ execute: 'entered', write: 'written to', read: 'read' } as const)[wish]
  const who = `user "${identity.userName}"`
  const by = shut.path === path ? '' : `${shut.kind} "${shut.path}" is `
  // To let everyone write would be no cure.
  if (wish === 'write' && shut.path === path)
    return unusable(
      `${as} "${path}" cannot be written to by ${who}: ${ownership(facts, shut)}`,
      `chown it to ${identity.userName}`,
    )
  const bit = shut.kind === 'file' && wish === 'read' ? 'r' : 'x'
  return unusable(
    `${as} "${path}" cannot be ${verb} by ${who}: ${by}${ownership(facts, shut)}`,
    `let ${who} in: chmod o+${bit} ${shut.path}, or give it a group of that user`,
  )
}

const unusable = (what: string, cure: string): Problem => ({ code: 'unusable-path', what, cure })
