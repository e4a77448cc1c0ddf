// Apache 2.4 with the event MPM and mod_wsgi's daemon mode, set up as Debian does but with one site and no access log.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { startServer, type Server } from '../server.ts'
import { freePort, makePlace, shape, workerAccount, type Workspace } from '../workspace.ts'

/**
 * Starts Apache with two processes of the event MPM, as Debian does, but with more threads each and none too many: with
 * Debian's 25, a process whose threads are all busy closes connections that are kept alive, and one that is found idle
 * between two rounds is ended; wrk counts both as failed requests.
 */
export async function startApache(workspace: Workspace, signal: AbortSignal): Promise<Server> {
  const place = await makePlace(workspace, 'apache')
  const port = await freePort()
  const file = join(place, 'apache.conf')
  await writeFile(file, configuration(workspace, place, port))
  const commands = [{ file: '/usr/sbin/apache2', args: ['-f', file, '-D', 'FOREGROUND'], cwd: place }]
  return startServer({ name: 'apache2', url: `http://127.0.0.1:${port}/`, commands, signal })
}

const configuration = (workspace: Workspace, place: string, port: number): string => `
ServerRoot ${place}
ServerName localhost
Listen 127.0.0.1:${port}
PidFile ${place}/apache.pid
ErrorLog ${place}/error.log
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule wsgi_module /usr/lib/apache2/modules/mod_wsgi.so
User ${workerAccount}
Group ${workerAccount}
StartServers 2
MinSpareThreads 25
MaxSpareThreads 128
ThreadLimit 64
ThreadsPerChild 64
MaxRequestWorkers 128
KeepAlive On
MaxKeepAliveRequests 0
KeepAliveTimeout 60
WSGISocketPrefix ${place}/wsgi
WSGIDaemonProcess bench processes=${shape.processes} threads=${shape.threads} user=${workerAccount} group=${workerAccount}
WSGIScriptAlias / ${workspace.application} process-group=bench application-group=%{GLOBAL}
<Directory ${workspace.directory}>
  Require all granted
</Directory>
`
