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
  { applications, chroot }: GroupConfiguration,
  { server, directories }: Readonly<{ server: Wanted; directories: ScriptDirectories }>,
  facts: Facts,
): readonly Diagnostic[] {
  if (directories === null) return []
  return applications.flatMap(({ entry, placeOf }) => {
    const way = entry.kind === 'script' ? findPath(facts, entry.path, chroot) : undefined
    if (entry.kind !== 'script' || !way?.found || isBelow(way.target.path, directories)) return []
    const leads = way.target.path === entry.path ? '' : `, which is "${way.target.path}",`
    return [
      {
        ...placeOf(['script']),
        code: 'unsafe-path' as const,
        what: `script "${entry.path}"${leads} stands in none of the script-directories of ${renderPlace(server.placeOf(['script-directories']))}`,
        cure: `move it below ${directories.join(' or ')}, or add its directory there`,
      },
    ]
  })
}

/** Whether a real path is inside of one of the directories, at any depth. */
export function isBelow(path: string, directories: readonly string[]): boolean {
  return directories.some((directory) => path.startsWith(directory.endsWith('/') ? directory : `${directory}/`))
}
