// The same site for both servers: where what is mounted, and how each is told. Everything that mod_wsgi leaves off by default and wsgid has on is on.
import { chmod, cp, mkdir, mkdtemp, rm } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { startApache } from '../servers/apache.ts'
import type { Server } from '../servers/server.ts'
import { startWsgid } from '../servers/wsgid.ts'
import type { Sites } from './findings.ts'

/** Account of the workers of both. */
const account = 'www-data'

/** Mount → script, inner mounts first, as Apache must have them. */
const mounts: readonly (readonly [string, string])[] = [
  ['/mounted/deeper', 'environ.wsgi'],
  ['/mounted', 'environ.wsgi'],
  ['/django', 'django.wsgi'],
  ['/flask', 'flask.wsgi'],
  ['/', 'environ.wsgi'],
]

/** What `environ` and SetEnv give every request. */
const variables = { 'compare.plain': 'a value', 'compare.umlaut': 'ä', 'compare.empty': '' }

/** Where the checkout's own sources stand: this file runs from build/. */
const sources = fileURLToPath(new URL('../../../scripts/comparison/apps', import.meta.url))

export type RunningSites = Sites & Readonly<{ stop: () => Promise<void> }>

/** Starts both servers with the same applications in a new directory. `program` is the bin/wsgid. */
export async function startSites(program: string, signal: AbortSignal): Promise<RunningSites> {
  const directory = await mkdtemp(join(tmpdir(), 'wsgid-compare-'))
  const running: Server[] = []
  const stop = async (): Promise<void> => {
    await Promise.all(running.map((server) => server.stop()))
    await rm(directory, { recursive: true, force: true })
  }
  try {
    await chmod(directory, 0o755)
    const scripts = join(directory, 'apps')
    await cp(sources, scripts, { recursive: true })
    const common = { probe: '/?ready', expectedBody: 'ready\n', signal }
    const place = async (name: string): Promise<string> => {
      await mkdir(join(directory, name))
      return join(directory, name)
    }
    const lines = apacheSite(scripts)
    const apache = await startApache({ ...common, place: await place('apache'), account, lines })
    running.push(apache)
    const group = wsgidGroup(scripts)
    const wsgid = await startWsgid({ ...common, place: await place('wsgid'), program, group })
    running.push(wsgid)
    return { apache, wsgid, stop }
  } catch (error) {
    await stop()
    throw error
  }
}

const apacheSite = (scripts: string): string => `
LoadModule env_module /usr/lib/apache2/modules/mod_env.so
${Object.entries(variables)
  .map(([name, value]) => `SetEnv ${name} "${value}"`)
  .join('\n')}
WSGIDaemonProcess compare processes=2 threads=3 user=${account} group=${account} locale=C.UTF-8
WSGIPassAuthorization On
WSGIChunkedRequest On
${mounts
  .map(
    ([mount, script]) =>
      `WSGIScriptAlias ${mount} ${scripts}/${script} process-group=compare application-group=%{GLOBAL}`,
  )
  .join('\n')}
<Directory ${scripts}>
  Require all granted
</Directory>
`

// JSON is YAML.
const wsgidGroup = (scripts: string): string =>
  JSON.stringify({
    name: 'compare',
    user: account,
    processes: 2,
    threads: 3,
    applications: mounts.map(([mount, script]) => ({ mount, script: join(scripts, script), environ: variables })),
  })
