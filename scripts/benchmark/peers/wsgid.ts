// wsgid as the benchmark measures it: one group.
import { mkdir, writeFile } from 'node:fs/promises'
import { availableParallelism } from 'node:os'
import { join } from 'node:path'
import { freePort } from '../../servers/ports.ts'
import { startWsgid as start } from '../../servers/wsgid.ts'
import type { Start, Wanted } from '../rows.ts'
import type { Server } from '../../servers/server.ts'
import { makePlace, shape, workerAccount, type Site } from '../workspace.ts'

/** Starts `program` (a bin/wsgid). */
export const wsgidStarter =
  (program: string, settings = ''): Start =>
  async (wanted) =>
    startIn(await makePlace(wanted.workspace, 'wsgid'), program, wanted, settings)

/** Starts it with as many routers as nginx has processes by `worker_processes auto`. */
export const routersStarter = (program: string): Start => wsgidStarter(program, `routers: ${availableParallelism()}\n`)

/** Starts it with an access log, and metrics to be asked. */
export const observedStarter =
  (program: string): Start =>
  async (wanted) => {
    const admin = `127.0.0.1:${await freePort()}`
    const settings = `access-log: combined\nadmin: { listen: ${admin} }\n`
    const server = await startIn(await makePlace(wanted.workspace, 'wsgid'), program, wanted, settings)
    return { ...server, metrics: `http://${admin}/metrics` }
  }

/** Starts it with a second group that nobody has asked yet, `start: on-demand`, under /asleep. */
export async function startWithSleeper(program: string, wanted: Wanted): Promise<Server> {
  const place = await makePlace(wanted.workspace, 'wsgid')
  await mkdir(join(place, 'groups.d'))
  await writeFile(join(place, 'groups.d', 'sleeper.yaml'), `start: on-demand\n${group('/asleep', wanted.site)}`)
  return startIn(place, program, wanted, '')
}

function startIn(place: string, program: string, { site, signal }: Wanted, settings: string): Promise<Server> {
  return start({ program, place, group: group('/', site), settings, expectedBody: site.ready, signal })
}

const group = (mount: string, site: Site): string => `
user: ${workerAccount}
processes: ${shape.processes}
threads: ${shape.threads}
applications:
  - mount: ${mount}
    script: ${site.script}
`
