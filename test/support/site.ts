// A temporary directory for one test: the applications under test copied to where any tenant can read them, and
// directories that belong to tenants. Removed when the test passed, kept and named when it failed.
import { chmod, chown, cp, mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { dirname, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { clearRunDir } from '../../src/supervisor/run-dir.ts'
import { account } from './accounts.ts'
import { atEnd, isRoot } from './test.ts'

const applications = fileURLToPath(new URL('../apps', import.meta.url))

export type Site = Readonly<{
  directory: string
  /** A path in the site's directory. */
  path: (...parts: string[]) => string
  /** A new, empty directory that only this tenant can enter (without root: ours); what an earlier attempt left there is removed. */
  directoryOf: (user: string, name: string) => Promise<string>
  /** Writes a file that everybody can read, making its directories. */
  write: (name: string, text: string) => Promise<string>
}>

export async function makeSite(): Promise<Site> {
  const directory = await mkdtemp(join(tmpdir(), 'wsgid-test-'))
  await chmod(directory, 0o755)
  atEnd(async (outcome) => {
    if (outcome === 'passed') {
      // What a server that was killed had outside of its run-dir would stay, since nobody starts there again.
      clearRunDir(join(directory, 'run'))
      await rm(directory, { recursive: true, force: true })
    } else process.stderr.write(`kept for you to look at: ${directory}\n`)
  })
  const site = siteIn(directory)
  await cp(applications, site.path('apps'), { recursive: true, filter: (source) => !source.endsWith('__pycache__') })
  return site
}

/** A directory that is there already, as a site. */
export function siteIn(directory: string): Site {
  const path = (...parts: string[]) => join(directory, ...parts)
  return {
    directory,
    path,
    directoryOf: (user, name) => makeOwnedDirectory(user, path(name)),
    write: async (name, text) => {
      await mkdir(dirname(path(name)), { recursive: true })
      await writeFile(path(name), text)
      return path(name)
    },
  }
}

async function makeOwnedDirectory(user: string, directory: string): Promise<string> {
  await rm(directory, { recursive: true, force: true })
  await mkdir(directory, { mode: 0o700 })
  const { uid, gid } = account(user)
  if (isRoot) await chown(directory, uid, gid)
  return directory
}
