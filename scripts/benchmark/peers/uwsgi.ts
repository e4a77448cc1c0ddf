// uWSGI, behind nginx over a Unix socket (the fastest of the field's usual set-ups) or with its own HTTP process.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from '../../servers/ports.ts'
import { startServer, type Command } from '../../servers/server.ts'
import type { Start } from '../rows.ts'
import { makePlace, shape, workerAccount, type Site } from '../workspace.ts'
import { nginxCommand } from './nginx.ts'

export const startNginxUwsgi: Start = async ({ workspace, site, signal }) => {
  const place = await makePlace(workspace, 'nginx-uwsgi')
  const port = await freePort()
  const socket = join(place, 'uwsgi.sock')
  const uwsgi = await uwsgiCommand(place, site, `chown-socket = ${workerAccount}:${workerAccount}\nsocket = ${socket}`)
  const nginx = await nginxCommand(place, port, `include /etc/nginx/uwsgi_params; uwsgi_pass unix:${socket};`)
  return startServer({
    name: 'nginx + uWSGI',
    url: `http://127.0.0.1:${port}/`,
    expectedBody: site.ready,
    commands: [uwsgi, nginx],
    signal,
  })
}

/** `http-keepalive`: without it the HTTP process closes each connection after one response. */
export const startUwsgiHttp: Start = async ({ workspace, site, signal }) => {
  const place = await makePlace(workspace, 'uwsgi-http')
  const port = await freePort()
  const uwsgi = await uwsgiCommand(
    place,
    site,
    `http = 127.0.0.1:${port}\nhttp-keepalive = 60\nhttp-auto-chunked = true`,
  )
  return startServer({
    name: 'uWSGI --http',
    url: `http://127.0.0.1:${port}/`,
    expectedBody: site.ready,
    commands: [uwsgi],
    signal,
  })
}

async function uwsgiCommand(place: string, site: Site, lines: string): Promise<Command> {
  const file = join(place, 'uwsgi.ini')
  await writeFile(file, configuration(site, lines))
  return { file: '/usr/bin/uwsgi', args: ['--ini', file], cwd: place }
}

// listen: the default of 100 has nginx answer 502 to some of 256 clients. need-app: no 500 pages instead of the application.
const configuration = (site: Site, lines: string): string => `
[uwsgi]
plugins = python3,http
master = true
auto-procname = true
processes = ${shape.processes}
threads = ${shape.threads}
listen = 1024
uid = ${workerAccount}
gid = ${workerAccount}
chdir = ${site.directory}
wsgi-file = ${site.script}
need-app = true
die-on-term = true
disable-logging = true
${lines}
`
