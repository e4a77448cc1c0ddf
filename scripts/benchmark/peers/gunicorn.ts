// gunicorn with its threaded worker class, serving HTTP by itself or behind nginx.
import { join } from 'node:path'
import { freePort } from '../../servers/ports.ts'
import { startServer, type Command } from '../../servers/server.ts'
import type { Start } from '../rows.ts'
import { makePlace, shape, workerAccount, type Site } from '../workspace.ts'
import { nginxCommand } from './nginx.ts'

export const startGunicorn: Start = async ({ workspace, site, signal }) => {
  const place = await makePlace(workspace, 'gunicorn')
  const port = await freePort()
  const commands = [gunicornCommand(place, site, `127.0.0.1:${port}`)]
  return startServer({
    name: 'gunicorn',
    url: `http://127.0.0.1:${port}/`,
    expectedBody: site.ready,
    commands,
    signal,
  })
}

/** A connection to gunicorn for each request, as its documentation has it. */
export const startNginxGunicorn: Start = async ({ workspace, site, signal }) => {
  const place = await makePlace(workspace, 'nginx-gunicorn')
  const port = await freePort()
  const socket = `unix:${join(place, 'gunicorn.sock')}`
  const pass = `proxy_pass http://${socket}; proxy_set_header Host $http_host;`
  const commands = [gunicornCommand(place, site, socket), await nginxCommand(place, port, pass)]
  return startServer({
    name: 'nginx + gunicorn',
    url: `http://127.0.0.1:${port}/`,
    expectedBody: site.ready,
    commands,
    signal,
  })
}

/** With Debian's Python, as the other servers use it; it writes no access log unless told to. */
function gunicornCommand(cwd: string, site: Site, address: string): Command {
  const args = ['-m', 'gunicorn', '--worker-class', 'gthread', '--workers', String(shape.processes)]
  args.push('--threads', String(shape.threads), '--keep-alive', '60', '--bind', address)
  args.push('--user', workerAccount, '--group', workerAccount, '--chdir', site.directory, 'served:application')
  return { file: '/usr/bin/python3', args, cwd }
}
