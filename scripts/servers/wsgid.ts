// wsgid itself, from a checkout or an installation: one router, its groups given as YAML.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from './ports.ts'
import { startServer, type Server } from './server.ts'

type WsgidOptions = Readonly<{
  /** The bin/wsgid to start. */
  program: string
  /** Of the node that runs it. */
  nodeOptions?: readonly string[]
  /** A directory of its own. */
  place: string
  /** The group file that `probe` asks; others may stand in groups.d beside it. */
  group: string
  /** Further lines of wsgid.yaml. */
  settings?: string
  expectedBody: string | RegExp
  /** Where it is answered; default "/". */
  probe?: string
  /** How long it may take to answer; default 20,000. */
  patienceMs?: number
  signal: AbortSignal
}>

/**
 * Starts wsgid in the foreground on a free port of 127.0.0.1.
 *
 * The port is chosen before, as for other servers, so that all are awaited and stopped in the same way.
 */
export async function startWsgid({
  program,
  nodeOptions = [],
  place,
  group,
  settings = '',
  ...awaited
}: WsgidOptions): Promise<Server> {
  const port = await freePort()
  const file = join(place, 'wsgid.yaml')
  await mkdir(join(place, 'groups.d'), { recursive: true })
  await writeFile(file, configuration(place, port) + settings)
  await writeFile(join(place, 'groups.d', 'group.yaml'), group)
  const args = [...nodeOptions, program, 'start', '--foreground', '--config', file]
  const commands = [{ file: process.execPath, args, cwd: place }]
  return startServer({ name: 'wsgid', url: `http://127.0.0.1:${port}/`, ...awaited, commands })
}

// The routers may not be the workers' account; any other one will do.
const configuration = (place: string, port: number): string => `
listen: 127.0.0.1:${port}
groups: groups.d/*.yaml
user: nobody
run-dir: ${place}/run
log-dir: ${place}/log
`
