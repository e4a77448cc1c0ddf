// nginx in front of an application server on a Unix socket.
import { writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import type { Command } from '../../servers/server.ts'
import { workerAccount } from '../workspace.ts'

/**
 * Its command; worker_processes as in Debian's nginx.conf. Debian's 768 connections a process are too few for 256 clients and as many
 * connections behind it when one process gets them all.
 *
 * @param pass how a request goes on, the content of `location /`
 */
export async function nginxCommand(place: string, port: number, pass: string): Promise<Command> {
  const file = join(place, 'nginx.conf')
  await writeFile(file, configuration(place, port, pass))
  return { file: '/usr/sbin/nginx', args: ['-p', place, '-c', file, '-g', 'daemon off;'], cwd: place }
}

const configuration = (place: string, port: number, pass: string): string => `
user ${workerAccount};
worker_processes auto;
pid ${place}/nginx.pid;
error_log stderr;
events { worker_connections 2048; }
http {
  access_log off;
  sendfile on;
  tcp_nopush on;
  keepalive_requests 1000000000;
  client_max_body_size 0;
  client_body_temp_path ${place}/body;
  proxy_temp_path ${place}/proxy;
  fastcgi_temp_path ${place}/fastcgi;
  uwsgi_temp_path ${place}/uwsgi;
  scgi_temp_path ${place}/scgi;
  server {
    listen 127.0.0.1:${port};
    location / { ${pass} }
  }
}
`
