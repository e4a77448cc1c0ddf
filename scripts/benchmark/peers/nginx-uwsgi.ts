// nginx in front of uWSGI over a Unix socket: the fastest of the field's usual set-ups.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { freePort } from '../../servers/ports.ts'
import { startServer, type Server } from '../../servers/server.ts'
import { expectedBody, makePlace, shape, workerAccount, type Workspace } from '../workspace.ts'

/** Starts uWSGI and nginx; worker_processes and worker_connections as in Debian's nginx.conf. */
export async function startNginxUwsgi(workspace: Workspace, signal: AbortSignal): Promise<Server> {
  const place = await makePlace(workspace, 'nginx-uwsgi')
  const port = await freePort()
  const [nginx, uwsgi] = [join(place, 'nginx.conf'), join(place, 'uwsgi.ini')]
  await writeFile(nginx, nginxConfiguration(place, port))
  await writeFile(uwsgi, uwsgiConfiguration(workspace, place))
  const commands = [
    { file: '/usr/bin/uwsgi', args: ['--ini', uwsgi], cwd: place },
    { file: '/usr/sbin/nginx', args: ['-p', place, '-c', nginx, '-g', 'daemon off;'], cwd: place },
  ]
  return startServer({ name: 'nginx + uWSGI', url: `http://127.0.0.1:${port}/`, expectedBody, commands, signal })
}

const nginxConfiguration = (place: string, port: number): string => `
user ${workerAccount};
worker_processes auto;
pid ${place}/nginx.pid;
error_log stderr;
events { worker_connections 768; }
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 1000000000;
  client_body_temp_path ${place}/body;
  proxy_temp_path ${place}/proxy;
  fastcgi_temp_path ${place}/fastcgi;
  uwsgi_temp_path ${place}/uwsgi;
  scgi_temp_path ${place}/scgi;
  server {
    listen 127.0.0.1:${port};
    location / { include /etc/nginx/uwsgi_params; uwsgi_pass unix:${place}/uwsgi.sock; }
  }
}
`

// Numbers of listen backlog and buffers stay at their defaults; need-app: no 500 pages instead of the application.
const uwsgiConfiguration = (workspace: Workspace, place: string): string => `
[uwsgi]
plugins = python3
master = true
processes = ${shape.processes}
threads = ${shape.threads}
uid = ${workerAccount}
gid = ${workerAccount}
chown-socket = ${workerAccount}:${workerAccount}
socket = ${place}/uwsgi.sock
wsgi-file = ${workspace.application}
need-app = true
die-on-term = true
disable-logging = true
`
