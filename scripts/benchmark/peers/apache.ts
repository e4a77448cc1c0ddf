// Apache with mod_wsgi's daemon mode as the benchmark measures it: one site.
import { startApache as start } from '../../servers/apache.ts'
import type { Server } from '../../servers/server.ts'
import { expectedBody, makePlace, shape, workerAccount, type Workspace } from '../workspace.ts'

/**
 * Starts Apache with two processes of the event MPM, as Debian does, but with more threads each and none too many: with
 * Debian's 25, a process whose threads are all busy closes connections that are kept alive, and one that is found idle
 * between two rounds is ended; wrk counts both as failed requests.
 */
export async function startApache(workspace: Workspace, signal: AbortSignal): Promise<Server> {
  const place = await makePlace(workspace, 'apache')
  return start({ place, account: workerAccount, lines: site(workspace), expectedBody, signal })
}

const site = (workspace: Workspace): string => `
StartServers 2
MinSpareThreads 25
MaxSpareThreads 128
ThreadLimit 64
ThreadsPerChild 64
MaxRequestWorkers 128
KeepAlive On
MaxKeepAliveRequests 0
KeepAliveTimeout 60
WSGIDaemonProcess bench processes=${shape.processes} threads=${shape.threads} user=${workerAccount} group=${workerAccount}
WSGIScriptAlias / ${workspace.application} process-group=bench application-group=%{GLOBAL}
<Directory ${workspace.directory}>
  Require all granted
</Directory>
`
