// Apache 2.4 with the event MPM and mod_wsgi's daemon mode, from Debian's packages, with a configuration of its own: nothing in /etc/apache2 is used.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from './ports.ts'
import { startServer, type Server } from './server.ts'

/** Debian packages it needs. */
export const apachePackages = ['apache2', 'libapache2-mod-wsgi-py3'] as const

type ApacheOptions = Readonly<{
  /** A directory of its own. */
  place: string
  /** Runs the children that speak HTTP. */
  account: string
  /** What the script adds: threads, WSGIDaemonProcess and all that follows. */
  lines: string
  expectedBody: string | RegExp
  /** Where it is answered; default "/". */
  probe?: string
  signal: AbortSignal
}>

/** Starts Apache on a free port of 127.0.0.1 without access log. @throws when it does not answer `expectedBody` at "/" */
export async function startApache({ place, account, lines, ...awaited }: ApacheOptions): Promise<Server> {
  const port = await freePort()
  const file = join(place, 'apache.conf')
  await writeFile(file, `${preamble(place, account, port)}${lines}`)
  const commands = [{ file: '/usr/sbin/apache2', args: ['-f', file, '-D', 'FOREGROUND'], cwd: place }]
  return startServer({ name: 'apache2', url: `http://127.0.0.1:${port}/`, ...awaited, commands })
}

const preamble = (place: string, account: string, port: number): string => `
ServerRoot ${place}
ServerName localhost
Listen 127.0.0.1:${port}
PidFile ${place}/apache.pid
ErrorLog ${place}/error.log
LoadModule mpm_event_module /usr/lib/apache2/modules/mod_mpm_event.so
LoadModule authz_core_module /usr/lib/apache2/modules/mod_authz_core.so
LoadModule wsgi_module /usr/lib/apache2/modules/mod_wsgi.so
User ${account}
Group ${account}
WSGISocketPrefix ${place}/wsgi
`
