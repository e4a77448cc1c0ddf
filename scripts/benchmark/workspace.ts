// The directory that all servers of one run share: the sites, their configurations, sockets and logs.
import { execa } from 'execa'
import { chmod, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

/** Account and group that the workers of every server run as. */
export const workerAccount = 'www-data'

/** The same for every server: what is compared is the way from the client to the application. */
export const shape = { processes: 2, threads: 5 } as const

/** What `/` of the plain site answers. */
export const helloBody = 'Hello, World!\n'

export type SiteName = 'plain' | 'django'

/** One application: `directory` holds `script`, whose `application` needs nothing of its surroundings; `ready` is what "/" answers. */
export type Site = Readonly<{ name: SiteName; directory: string; script: string; ready: string | RegExp }>

export type Workspace = Readonly<{
  directory: string
  sites: Readonly<Record<SiteName, Site>>
  remove: () => Promise<void>
}>

/** Where the checkout stands: this file runs from build/scripts/benchmark. */
const checkout = fileURLToPath(new URL('../../..', import.meta.url))

/** Makes a fresh directory that the workers' account can enter, with the sites in it. */
export async function makeWorkspace(): Promise<Workspace> {
  const directory = await mkdtemp(join(tmpdir(), 'wsgid-bench-'))
  const remove = (): Promise<void> => rm(directory, { recursive: true, force: true })
  try {
    await chmod(directory, 0o755)
    return { directory, sites: { plain: await makePlain(directory), django: await makeDjango(directory) }, remove }
  } catch (error) {
    await remove()
    throw error
  }
}

let places = 0

/** Makes a new directory of the workspace for one server. */
export async function makePlace(workspace: Workspace, name: string): Promise<string> {
  places += 1
  const place = join(workspace.directory, `${name}-${places}`)
  await mkdir(place)
  return place
}

async function makePlain(parent: string): Promise<Site> {
  const directory = join(parent, 'plain')
  await mkdir(directory)
  const script = join(directory, 'served.py')
  await cp(join(checkout, 'scripts/benchmark/apps/plain.py'), script)
  return { name: 'plain', directory, script, ready: helloBody }
}

/** A page with templates, a form and a query of 20 rows; the workers may read the database and write nothing. */
async function makeDjango(parent: string): Promise<Site> {
  const directory = join(parent, 'django')
  await cp(join(checkout, 'test/apps/django-site'), directory, { recursive: true })
  const env = { DJANGO_DATA: directory, PYTHONDONTWRITEBYTECODE: '1' }
  const manage = (...args: string[]) => execa('/usr/bin/python3', ['manage.py', ...args], { cwd: directory, env })
  await manage('migrate')
  const fill = 'from notes.models import Note; [Note.objects.create(title=f"note {n}") for n in range(20)]'
  await manage('shell', '--command', fill)
  const script = join(directory, 'served.py')
  await writeFile(script, djangoScript(directory))
  return { name: 'django', directory, script, ready: /<li>note 19<\/li>/ }
}

const djangoScript = (directory: string): string => `import os, sys
os.environ["DJANGO_DATA"] = "${directory}"
sys.path.insert(0, "${directory}")
from project.wsgi import application
`
