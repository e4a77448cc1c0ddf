// Where the sockets and the logs are, and whether the files of the server itself are safe from others.
import { wholeFile, type Diagnostic } from '../config/diagnostics.ts'
import type { Configuration, ServerConfiguration } from '../config/configuration.ts'
import type { GroupConfiguration } from '../config/group-configuration.ts'
import type { Facts, PathFacts } from './facts.ts'
import { checkLogRotation } from './log-rotation.ts'
import { at, type Problem } from './problem.ts'
import { distrustedByRoot, distrustedDirectory } from './trust.ts'

/** Absolute paths; `logDir` may be "-". */
export type Directories = Readonly<{ runDir: string; logDir: string }>

type Way = PathFacts & Readonly<{ found: true }>
type Settings = Pick<ServerConfiguration, 'runDir' | 'logDir'>
type Surroundings = Pick<Facts, 'process' | 'directories'>

/** run-dir and log-dir, or their defaults for root, for a session with XDG directories, or without. */
export function resolveDirectories({ runDir, logDir }: Settings, { process, directories }: Surroundings): Directories {
  const { runtime, state, home } = directories
  if (process.uid === 0) return { runDir: runDir ?? '/run/wsgid', logDir: logDir ?? '/var/log/wsgid' }
  return {
    runDir: runDir ?? (runtime === undefined ? `/tmp/wsgid-${process.uid}` : `${runtime}/wsgid`),
    logDir: logDir ?? `${state ?? `${home ?? '/tmp'}/.local/state`}/wsgid`,
  }
}

/**
 * What speaks against the two directories and what is to happen in them and, as root, against the configuration's files. Each problem once, however many files
 * it touches.
 */
export function checkServerPaths(
  configuration: Configuration,
  { runDir, logDir }: Directories,
  facts: Facts,
): readonly Diagnostic[] {
  const { server } = configuration
  const found = [
    ...checkLogRotation(server, logDir),
    ...(facts.process.uid === 0 ? checkFiles(configuration, facts) : []),
    ...(facts.process.uid === 0 ? checkDirectoriesOfInstances(configuration, facts) : []),
    ...at(
      () => server.placeOf(['run-dir']),
      ifFound(runDir, facts, (way) => distrustedDirectory(way, 'run-dir', facts)),
    ),
    ...at(
      () => server.placeOf(['log-dir']),
      ifFound(logDir, facts, (way) => distrustedDirectory(way, 'log-dir', facts)),
    ),
  ]
  return [...new Map(found.map((diagnostic) => [diagnostic.what, diagnostic])).values()]
}

function checkFiles({ server, groups }: Configuration, facts: Facts): readonly Diagnostic[] {
  return [server, ...groups].flatMap(({ path, file }) => {
    const problems = ifFound(path, facts, (way) => distrustedByRoot(way, 'configuration file', facts))
    return at(() => wholeFile(file), problems)
  })
}

// Who can make a directory there decides which groups there are, and where they are mounted.
function checkDirectoriesOfInstances({ groups }: Configuration, facts: Facts): readonly Diagnostic[] {
  return groups.flatMap(({ foundIn, placeOf }) => {
    const problems = ifFound(foundIn, facts, (way) => distrustedByRoot(way, 'directory of for-each', facts))
    return at(() => placeOf(['for-each']), problems)
  })
}

// A directory that does not exist yet is made by the supervisor, with the right owner.
function ifFound(path: string | null, facts: Facts, judge: (way: Way) => readonly Problem[]): readonly Problem[] {
  const way = path === null ? undefined : facts.paths.get(path)
  return way?.found ? judge(way) : []
}

// struct sockaddr_un has 108 bytes, the last one for NUL: unix(7).
const longestSocketPath = 107

/** Whether the sockets of a group's workers have names that the kernel takes. */
export function checkSocketPath(
  { name, placeOf }: Pick<GroupConfiguration, 'name' | 'placeOf'>,
  runDir: string,
): readonly Diagnostic[] {
  const path = `${runDir}/groups/${name}/000.sock`
  const length = new TextEncoder().encode(path).length
  if (length <= longestSocketPath) return []
  return [
    {
      ...placeOf(['name']),
      code: 'path-too-long',
      what: `socket path "${path}" has ${length} bytes, the kernel takes ${longestSocketPath}`,
      cure: 'shorten the name of the group, or set a shorter run-dir in wsgid.yaml',
    },
  ]
}
