// In which directories scripts may stand: `script-directories` of wsgid.yaml, as `<Directory>` with ExecCGI in Apache.
// Looks at real paths only: what a link says is what whoever made the link says.
import { renderPlace, type Diagnostic } from '../config/diagnostics.ts'
import type { ServerConfiguration } from '../config/configuration.ts'
import type { GroupConfiguration } from '../config/group-configuration.ts'
import { findPath, type Facts } from './facts.ts'
import { partition, refused, resolved, type Resolved } from './problem.ts'

/** The real paths of the permitted directories; null: anywhere. */
export type ScriptDirectories = readonly string[] | null

type Wanted = Pick<ServerConfiguration, 'scriptDirectories' | 'placeOf'>

/** Follows the links to the directories themselves. */
export function resolveScriptDirectories(server: Wanted, facts: Facts): Resolved<ScriptDirectories> {
  if (server.scriptDirectories === null) return resolved(null)
  const found = partition(server.scriptDirectories.map((path): Resolved<string> => realDirectory(path, server, facts)))
  return found.diagnostics.length > 0 ? refused(...found.diagnostics) : resolved(found.values)
}

function realDirectory(path: string, { placeOf }: Wanted, facts: Facts): Resolved<string> {
  const way = findPath(facts, path, null)
  if (way.found && way.target.kind === 'directory') return resolved(way.target.path)
  return refused({
    ...placeOf(['script-directories']),
    code: 'unusable-path',
    what: `script-directories: ${way.found ? `"${path}" is a ${way.target.kind}` : `there is no "${path}"`}`,
    cure: 'name directories that exist, or remove the entry',
  })
}

/** Scripts of a group that stand elsewhere. Those that cannot be found are said with the other files. */
export function findForeignScripts(
  { applications, preloadScripts, chroot, placeOf: placeOfGroup }: GroupConfiguration,
  { server, directories }: Readonly<{ server: Wanted; directories: ScriptDirectories }>,
  facts: Facts,
): readonly Diagnostic[] {
  if (directories === null) return []
  const scripts = [
    ...preloadScripts.map((path) => ({ path, place: () => placeOfGroup(['preload-script']) })),
    ...applications.flatMap(({ entry, placeOf }) =>
      entry.kind === 'script' ? [{ path: entry.path, place: () => placeOf(['script']) }] : [],
    ),
  ]
  return scripts.flatMap(({ path, place }) => {
    const way = findPath(facts, path, chroot)
    if (!way.found || isBelow(way.target.path, directories)) return []
    const leads = way.target.path === path ? '' : `, which is "${way.target.path}",`
    return [
      {
        ...place(),
        code: 'unsafe-path' as const,
        what: `script "${path}"${leads} stands in none of the script-directories of ${renderPlace(server.placeOf(['script-directories']))}`,
        cure: `move it below ${directories.join(' or ')}, or add its directory there`,
      },
    ]
  })
}

/** Whether a real path is inside of one of the directories, at any depth. */
export function isBelow(path: string, directories: readonly string[]): boolean {
  return directories.some((directory) => path.startsWith(directory.endsWith('/') ? directory : `${directory}/`))
}
