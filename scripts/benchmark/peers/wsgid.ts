// wsgid as the benchmark measures it: one group.
import type { Server } from '../../servers/server.ts'
import { startWsgid as start } from '../../servers/wsgid.ts'
import { expectedBody, makePlace, shape, workerAccount, type Workspace } from '../workspace.ts'

/** Starts `program` (a bin/wsgid). */
export async function startWsgid(workspace: Workspace, program: string, signal: AbortSignal): Promise<Server> {
  const place = await makePlace(workspace, 'wsgid')
  return start({ program, place, group: group(workspace), expectedBody, signal })
}

const group = (workspace: Workspace): string => `
user: ${workerAccount}
processes: ${shape.processes}
threads: ${shape.threads}
applications:
  - mount: /
    script: ${workspace.application}
`
