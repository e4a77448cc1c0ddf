// Apache with mod_wsgi's daemon mode as the benchmark measures it: one site.
import { startApache } from '../../servers/apache.ts'
import type { Start } from '../rows.ts'
import { makePlace, shape, workerAccount, type Site } from '../workspace.ts'

/** Starts Apache as its package does, but for the numbers of `apacheServer`. */
export const startModWsgi: Start = async ({ workspace, site, signal }) => {
  const place = await makePlace(workspace, 'apache')
  const lines = `${apacheServer}${daemon(site)}`
  return startApache({ place, account: workerAccount, lines, expectedBody: site.ready, signal })
}

/**
 * Two processes of the event MPM, as Debian does, but with more threads each and none too many: with Debian's 25, a process whose
 * threads are all busy closes connections that are kept alive, and one that is found idle between two rounds is ended; wrk counts
 * both as failed requests.
 */
export const apacheServer = `
StartServers 2
MinSpareThreads 25
MaxSpareThreads 512
ThreadLimit 256
ThreadsPerChild 256
MaxRequestWorkers 512
KeepAlive On
MaxKeepAliveRequests 0
KeepAliveTimeout 60
`

const daemon = ({ script, directory }: Site): string => `
WSGIDaemonProcess bench processes=${shape.processes} threads=${shape.threads} user=${workerAccount} group=${workerAccount} display-name=%{GROUP}
WSGIScriptAlias / ${script} process-group=bench application-group=%{GLOBAL}
<Directory ${directory}>
  Require all granted
</Directory>
`
