// The directory that all servers of one run share: the application, their configurations, sockets and logs.
import { chmod, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

/** What every server under measurement answers. */
export const expectedBody = 'Hello, World!\n'

const application = `def application(environ, start_response):
    start_response('200 OK', [('Content-Type', 'text/plain'), ('Content-Length', '14')])
    return [b'Hello, World!\\n']
`

/** Account and group that the workers of every server run as. */
export const workerAccount = 'www-data'

/** The same for every server: what is compared is the way from the client to the application. */
export const shape = { processes: 2, threads: 5 } as const

export type Workspace = Readonly<{ directory: string; application: string; remove: () => Promise<void> }>

/** Makes a fresh directory that the workers' account can enter, with the application in it. */
export async function makeWorkspace(): Promise<Workspace> {
  const directory = await mkdtemp(join(tmpdir(), 'wsgid-bench-'))
  await chmod(directory, 0o755)
  const path = join(directory, 'hello.py')
  await writeFile(path, application)
  return { directory, application: path, remove: () => rm(directory, { recursive: true, force: true }) }
}

/** Makes a directory of the workspace for one server. */
export async function makePlace(workspace: Workspace, name: string): Promise<string> {
  const place = join(workspace.directory, name)
  await mkdir(place)
  return place
}
