// Where the running server and its logs are: only run-dir and log-dir are read from the configuration, so that `stop` and `logs` work
// while the rest of it is broken.
import { existsSync, readFileSync } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { getuid } from 'node:process'
import { parse } from 'yaml'
import { z } from 'zod'
import { resolveDirectories, type Directories } from '../plan/directories.ts'
import { gid, uid } from '../units.ts'
import { CommandFailure } from './failure.ts'

const lenient = z.object({
  'run-dir': z.string().optional().catch(undefined),
  'log-dir': z.string().optional().catch(undefined),
})

/**
 * The run-dir of a configuration file; the default one when the file does not say or does not exist.
 *
 * @throws CommandFailure when the file is no YAML at all, so that nobody can say
 */
export function findRunDir(configFile: string): string {
  return findDirectories(configFile).runDir
}

/**
 * The run-dir and the log-dir ("-": stderr) of a configuration file, or the default ones, as for findRunDir.
 *
 * @param account the uid that wsgid is started by: root has other default directories
 * @throws CommandFailure
 */
export function findDirectories(configFile: string, account = getuid?.() ?? 0): Directories {
  const written = readWritten(resolve(configFile))
  const absolute = (path: string | undefined) => (path === undefined ? undefined : resolve(dirname(configFile), path))
  const { env } = process
  const logDir = written?.['log-dir']
  return resolveDirectories(
    { runDir: absolute(written?.['run-dir']), logDir: logDir === '-' ? logDir : absolute(logDir) },
    {
      process: { uid: uid(account), gid: gid(0), groups: [] },
      directories: { runtime: env['XDG_RUNTIME_DIR'], state: env['XDG_STATE_HOME'], home: env['HOME'] },
    },
  )
}

function readWritten(configFile: string): z.output<typeof lenient> | undefined {
  if (!existsSync(configFile)) return undefined
  try {
    return lenient.safeParse(parse(readFileSync(configFile, 'utf8'))).data
  } catch (error) {
    const why = error instanceof Error ? (error.message.split('\n')[0] ?? '') : String(error)
    throw new CommandFailure(
      `cannot find run-dir and log-dir: ${configFile}: ${why}; name the file that wsgid was started with by -c FILE`,
    )
  }
}
