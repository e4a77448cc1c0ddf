// Whether the files that a group names are there, usable by its identity and, as root, safe from others.
import type { Diagnostic } from '../config/diagnostics.ts'
import type { Path } from '../config/yaml-file.ts'
import type { GroupConfiguration } from '../config/configuration.ts'
import { barrier, type Wish } from './access.ts'
import { ownership, type Facts, type PathFacts, type PathStep } from './facts.ts'
import type { Identity } from './plan.ts'
import { at, type Problem } from './problem.ts'
import { distrustedInterpreter, distrustedScript } from './trust.ts'

type Way = PathFacts & Readonly<{ found: true }>

/** One file that the group names and what it must be. */
type Need = Readonly<{
  /** Path of the option that names it. */
  option: Path
  as: 'python' | 'home' | 'script'
  path: string
  kind: PathStep['kind']
  wish: Wish
  /** Asked only as root: without root nobody gains rights that he does not have. */
  distrust: (way: Way) => readonly Problem[]
}>

/** What is wrong with the interpreter, the working directory and the scripts of a group. */
export function checkGroupPaths(group: GroupConfiguration, identity: Identity, facts: Facts): readonly Diagnostic[] {
  return needsOf(group, identity, facts).flatMap((need) =>
    at(() => group.placeOf(need.option), check(need, identity, facts)),
  )
}

function needsOf(
  { python, home, applications }: GroupConfiguration,
  identity: Identity,
  facts: Facts,
): readonly Need[] {
  const trustedPython = (way: Way) => distrustedInterpreter(way, identity, facts)
  const trustedScript = (way: Way) => distrustedScript(way, identity, facts)
  // What the tenant can change in his own directory are his own files.
  const tenantsOwn = () => []
  const file = { kind: 'file' } as const
  return [
    { ...file, option: ['python'], as: 'python', path: python, wish: 'execute', distrust: trustedPython },
    ...(home === null
      ? []
      : [
          {
            option: ['home'],
            as: 'home',
            path: home,
            kind: 'directory',
            wish: 'execute',
            distrust: tenantsOwn,
          } as const,
        ]),
    ...applications.flatMap(({ entry }, index): readonly Need[] => {
      const option = ['applications', index, 'script']
      if (entry.kind === 'module') return []
      return [{ ...file, option, as: 'script', path: entry.path, wish: 'read', distrust: trustedScript }]
    }),
  ]
}

function check(need: Need, identity: Identity, facts: Facts): readonly Problem[] {
  const way = facts.paths.get(need.path)
  if (!way?.found) return [notFound(need, way)]
  if (way.target.kind !== need.kind) return [wrongKind(need, way.target)]
  const shut = barrier(way, identity, need.wish)
  const unusable = shut ? [closed(need, { identity, shut }, facts)] : []
  return facts.process.uid === 0 ? [...need.distrust(way), ...unusable] : unusable
}

function notFound({ as, path }: Need, way: (PathFacts & { found: false }) | undefined): Problem {
  const { reason, missing } = way ?? { reason: 'ENOENT', missing: path }
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
  const verb = { python: 'executed', home: 'entered', script: 'read' }[as]
  const who = `user "${identity.userName}"`
  const by = shut.path === path ? '' : `${shut.kind} "${shut.path}" is `
  const bit = shut.kind === 'file' && wish === 'read' ? 'r' : 'x'
  return unusable(
    `${as} "${path}" cannot be ${verb} by ${who}: ${by}${ownership(facts, shut)}`,
    `let ${who} in: chmod o+${bit} ${shut.path}, or give it a group of that user`,
  )
}

const unusable = (what: string, cure: string): Problem => ({ code: 'unusable-path', what, cure })
