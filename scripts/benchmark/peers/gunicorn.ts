// gunicorn with its threaded worker class, serving HTTP by itself.
import { freePort } from '../../servers/ports.ts'
import { startServer, type Server } from '../../servers/server.ts'
import { expectedBody, makePlace, shape, workerAccount, type Workspace } from '../workspace.ts'

/** Starts gunicorn with Debian's Python, as the other servers use it; it writes no access log unless told to. */
export async function startGunicorn(workspace: Workspace, signal: AbortSignal): Promise<Server> {
  const place = await makePlace(workspace, 'gunicorn')
  const port = await freePort()
  const args = ['-m', 'gunicorn', '--worker-class', 'gthread', '--workers', String(shape.processes)]
  args.push('--threads', String(shape.threads), '--keep-alive', '60', '--bind', `127.0.0.1:${port}`)
  args.push('--user', workerAccount, '--group', workerAccount, '--chdir', workspace.directory, 'hello:application')
  const commands = [{ file: '/usr/bin/python3', args, cwd: place }]
  return startServer({ name: 'gunicorn', url: `http://127.0.0.1:${port}/`, expectedBody, commands, signal })
}
