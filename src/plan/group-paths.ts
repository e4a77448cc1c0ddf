// Whether the files that a group names are there, usable by its identity and, as root, safe from others.
import type { Diagnostic } from '../config/diagnostics.ts'
import type { GroupConfiguration } from '../config/configuration.ts'
import { barrier, type Wish } from './access.ts'
import { ownership, type Facts, type PathFacts, type PathStep } from './facts.ts'
import type { Identity } from './plan.ts'
import type { Problem } from './problem.ts'
import { distrustedInterpreter, distrustedScript } from './trust.ts'

type Way = PathFacts & Readonly<{ found: true }>

/** One file that the group names and what it must be. */
type Need = Readonly<{
  as: string
  path: string
  kind: PathStep['kind']
  wish: Wish
  /** Asked only as root: without root nobody gains rights that he does not have. */
  distrust: (way: Way) => readonly Problem[]
}>

/** What is wrong with the interpreter, the working directory and the scripts of a group. */
export function checkGroupPaths(group: GroupConfiguration, identity: Identity, facts: Facts): readonly Diagnostic[] {
  const python = { as: 'python', path: group.python, kind: 'file', wish: 'execute' } as const
  return [
    ...at(
      group.placeOf(['python']),
      check({ ...python, distrust: (way) => distrustedInterpreter(way, identity, facts) }, identity, facts),
    ),
    ...(group.home === null ? [] : at(group.placeOf(['home']), check(workingDirectory(group.home), identity, facts))),
    ...group.applications.flatMap(({ entry }, index) =>
      entry.kind === 'module'
        ? []
        : at(
            group.placeOf(['applications', index, 'script']),
            check(scriptNeed(entry.path, identity, facts), identity, facts),
          ),
    ),
  ]
}

function scriptNeed(path: string, identity: Identity, facts: Facts): Need {
  return { as: 'script', path, kind: 'file', wish: 'read', distrust: (way) => distrustedScript(way, identity, facts) }
}

// The tenant's own business otherwise: what he can change there are his own files.
function workingDirectory(path: string): Need {
  return { as: 'home', path, kind: 'directory', wish: 'execute', distrust: () => [] }
}

const at = (place: ReturnType<GroupConfiguration['placeOf']>, problems: readonly Problem[]): readonly Diagnostic[] =>
  problems.map((problem) => ({ ...place, ...problem }))

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
  const verb = as === 'home' ? 'entered' : wish === 'read' ? 'read' : 'executed'
  const by = shut.path === path ? '' : `${shut.kind} "${shut.path}" is `
  return unusable(
    `${as} "${path}" cannot be ${verb} by user "${identity.userName}": ${by}${ownership(facts, shut)}`,
    shut.kind === 'directory'
      ? 'let the user search the directory: chmod +x it, or change its group'
      : `let the user ${wish} it: chmod +${wish === 'read' ? 'r' : 'x'} it, or change its group`,
  )
}

const unusable = (what: string, cure: string): Problem => ({ code: 'unusable-path', what, cure })
