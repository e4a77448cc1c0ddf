// Captures, and the groups that they or process-group name: everything that is referred to must be there. Pure.
import { capturesOf } from '../config/match.ts'
import type { Configuration } from '../config/configuration.ts'
import type { Diagnostic } from '../config/diagnostics.ts'
import {
  anyProcessGroup,
  type ApplicationConfiguration,
  type GroupConfiguration,
} from '../config/group-configuration.ts'
import { credentialSources } from './authentication.ts'
import { namesIn } from './references.ts'
import { nearestName } from '../config/suggest.ts'
import { isChosenByUrl } from './directed-applications.ts'

/** What applications refer to and nothing defines. */
export function findUndefined({ groups, isPartial = false }: Configuration): readonly Diagnostic[] {
  const names = new Set(groups.map(({ name }) => name))
  return groups.flatMap((group) => [
    ...group.applications.flatMap((application) => [
      ...undefinedCaptures(application),
      ...misplacedCaptures(application),
      ...(isPartial ? [] : unknownGroup(application, names)),
      ...idleRestriction(application),
      ...groupWithoutHost(application),
      ...aliasWithoutHost(application),
    ]),
  ])
}

/** Groups that have nothing to serve: neither applications of their own nor any that others direct to them. */
export function findIdle(configured: Configuration, directed: Configuration): readonly Diagnostic[] {
  if (configured.mayDirect === true) return []
  return directed.groups.flatMap(({ applications, placeOf }, index) => {
    if (applications.length > 0 || hasSome(configured.groups[index])) return []
    return [
      {
        ...placeOf([]),
        code: 'missing-option' as const,
        what: 'applications is missing',
        cure: 'add a list of at least one application, each with script or module, for example "applications: [{ mount: /trac, script: /srv/site-1/trac.wsgi }]"',
      },
    ]
  })
}

const hasSome = (group: GroupConfiguration | undefined): boolean => (group?.applications.length ?? 0) > 0

function undefinedCaptures(application: ApplicationConfiguration): readonly Diagnostic[] {
  const { match, processGroup, requireFile, entry, environ, placeOf } = application
  const captures = match === null ? [] : capturesOf(match)
  const texts: readonly (readonly [readonly string[], string | null])[] = [
    [['process-group'], processGroup],
    [['require-file'], requireFile],
    [['script'], entry.kind === 'script' ? entry.path : null],
    ...Object.entries(environ).map(([name, text]) => [['environ', name], text] as const),
  ]
  return texts.flatMap(([option, text]) =>
    namesIn(text ?? '')
      .filter((name) => !captures.includes(name))
      .map((name) => ({ ...placeOf(option), ...undefinedCapture(name, captures, match) })),
  )
}

/** What is read before any URL is known, and by another than the worker: files of users, directories of the routers. */
function misplacedCaptures({ auth, static: directories, placeOf }: ApplicationConfiguration): readonly Diagnostic[] {
  const texts: readonly (readonly [readonly string[], string])[] = [
    ...(auth === null ? [] : credentialSources(auth).map(({ option, path }) => [['auth', option], path] as const)),
    ...directories.map(({ prefix, directory }) => [['static', prefix], directory] as const),
  ]
  return texts.flatMap(([option, text]) =>
    namesIn(text).map((name) => ({
      ...placeOf(option),
      code: 'invalid-value' as const,
      what: `\${${name}} means nothing in ${option[0] ?? ''}: captures are for script, require-file, process-group and environ`,
      cure: 'write the path out; with for-each, which makes a group of each directory, ${instance} and ${owner} can stand here',
    })),
  )
}

function undefinedCapture(name: string, captures: readonly string[], match: string | null) {
  const near = nearestName(name, captures)
  const there =
    match === null
      ? 'give the application a match: instead of a mount, such as ^/trac/(?<site>[^/]+)'
      : near === undefined
        ? `name a part of match (?<${name}>…)`
        : `did you mean \${${near}}?`
  return {
    code: 'invalid-value',
    what: `\${${name}} is not a capture of ${match === null ? 'a match: there is none' : `match "${match}"`}`,
    cure: `${there}; text that is meant as it stands is written $\${${name}}`,
  } as const
}

function unknownGroup(application: ApplicationConfiguration, names: ReadonlySet<string>): readonly Diagnostic[] {
  const { processGroup, placeOf } = application
  if (processGroup === null || isChosenByUrl(application) || names.has(processGroup)) return []
  const near = nearestName(processGroup, [...names])
  return [
    {
      ...placeOf(['process-group']),
      code: 'invalid-value',
      what: `there is no group "${processGroup}"`,
      cure: near === undefined ? 'name a group that a group file defines' : `did you mean "${near}"?`,
    },
  ]
}

/** It would read like a protection, and protect from nothing. */
function idleRestriction(application: ApplicationConfiguration): readonly Diagnostic[] {
  const { restrictProcess, placeOf } = application
  if (restrictProcess === anyProcessGroup || isChosenByUrl(application)) return []
  return [
    {
      ...placeOf(['restrict-process']),
      code: 'invalid-value',
      what: 'restrict-process has nothing to restrict: no URL chooses the group of this application',
      cure: 'let one choose, process-group: ${site} with a capture of match, or remove the line',
    },
  ]
}

function groupWithoutHost({
  applicationGroup,
  hosts,
  match,
  placeOf,
}: ApplicationConfiguration): readonly Diagnostic[] {
  if (!('variable' in applicationGroup)) return []
  const wrong = (what: string, cure: string): readonly Diagnostic[] => [
    { ...placeOf(['application-group']), code: 'invalid-value', what, cure },
  ]
  if (applicationGroup.variable === 'HOST' && (hosts.length === 0 || hosts.some((host) => host.startsWith('*'))))
    return wrong(
      'application-group "%{HOST}" needs hosts that are named one by one: each has workers of its own',
      'list them in hosts: without "*."',
    )
  if (applicationGroup.variable === 'RESOURCE' && match !== null)
    return wrong(
      'application-group "%{RESOURCE}" cannot be told beforehand where match decides',
      'let the URL choose a group, process-group: ${site}, or give a name',
    )
  return []
}

function aliasWithoutHost({ aliases, hosts: [first], placeOf }: ApplicationConfiguration): readonly Diagnostic[] {
  if (aliases.length === 0 || (first !== undefined && !first.startsWith('*'))) return []
  return [
    {
      ...placeOf(['aliases']),
      code: 'invalid-value',
      what: 'aliases have nowhere to lead: hosts does not begin with an exact name',
      cure: 'name the host that visitors shall see first in hosts:',
    },
  ]
}
