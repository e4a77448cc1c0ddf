// Where the running server is: only run-dir is read from the configuration, so that `stop` works while the rest of it is broken.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { getuid } from 'node:process'
import { parse } from 'yaml'
import { z } from 'zod'
import { resolveDirectories } from '../plan/directories.ts'
import { gid, uid } from '../units.ts'
import { CommandFailure } from './failure.ts'

const lenient = z.object({ 'run-dir': z.string().optional() })

/**
 * The run-dir of a configuration file; the default one when the file does not say or does not exist.
 *
 * @throws CommandFailure when the file is no YAML at all, so that nobody can say
 */
export function findRunDir(configFile: string): string {
  const written = readRunDir(resolve(configFile))
  const runDir = written === undefined ? undefined : resolve(dirname(configFile), written)
  const { env } = process
  return resolveDirectories(
    { runDir, logDir: undefined },
    {
      process: { uid: uid(getuid?.() ?? 0), gid: gid(0), groups: [] },
      directories: { runtime: env['XDG_RUNTIME_DIR'], state: undefined, home: undefined },
    },
  ).runDir
}

function readRunDir(configFile: string): string | undefined {
  if (!existsSync(configFile)) return undefined
  try {
    return lenient.safeParse(parse(readFileSync(configFile, 'utf8'))).data?.['run-dir']
  } catch (error) {
    const why = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
    throw new CommandFailure(
      `cannot find the run-dir: ${configFile}: ${why}; name the file that wsgid was started with by -c FILE`,
    )
  }
}
