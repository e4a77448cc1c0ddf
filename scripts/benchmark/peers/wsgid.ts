// wsgid itself: one router, one group.
import { mkdir, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startServer, type Server } from '../server.ts'
import { freePort, makePlace, shape, workerAccount, type Workspace } from '../workspace.ts'

/**
 * Starts `program` (a bin/wsgid) in the foreground.
 *
 * The port is chosen before, as for the others, so that all are awaited and stopped in the same way.
 */
export async function startWsgid(workspace: Workspace, program: string, signal: AbortSignal): Promise<Server> {
  const place = await makePlace(workspace, 'wsgid')
  const port = await freePort()
  const file = join(place, 'wsgid.yaml')
  await mkdir(join(place, 'groups.d'))
  await writeFile(file, configuration(place, port))
  await writeFile(join(place, 'groups.d', 'bench.yaml'), group(workspace))
  const args = [program, 'start', '--foreground', '--config', file]
  const commands = [{ file: process.execPath, args, cwd: place }]
  return startServer({ name: 'wsgid', url: `http://127.0.0.1:${port}/`, commands, signal })
}

// The routers may not be the workers' account; any other one will do.
const configuration = (place: string, port: number): string => `
listen: 127.0.0.1:${port}
groups: groups.d/*.yaml
user: nobody
run-dir: ${place}/run
log-dir: ${place}/log
`

const group = (workspace: Workspace): string => `
user: ${workerAccount}
processes: ${shape.processes}
threads: ${shape.threads}
applications:
  - mount: /
    script: ${workspace.application}
`
