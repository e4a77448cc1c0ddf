// Runs litmus, the WebDAV test suite, and the application it is pointed at without wsgid, for comparison.
import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFile } from 'node:fs/promises'
import { createInterface } from 'node:readline'
import { execa } from 'execa'
import { account } from './accounts.ts'
import type { Site } from './site.ts'
import { atEnd, isRoot } from './test.ts'

const program = new URL('serve-by-wsgiref.py', import.meta.url)

/**
 * What each test of the suites found: "put_get pass", "lock_excl FAIL", "discover SKIPPED".
 *
 * @param directory where it leaves its debug.log
 */
export async function litmus(url: string, suites: readonly string[], directory: string): Promise<readonly string[]> {
  const env = { TESTS: suites.join(' ') }
  const { stdout } = await execa('litmus', ['--keep-going', url, 'someone', 'anything'], {
    cwd: directory,
    env,
    reject: false,
  })
  // A test's name is printed again after a carriage return or a warning; its verdict ends the last such line.
  const verdicts = stdout.matchAll(/^\s*\d+\. (\w+)\.*(?:\s.*)? (pass|FAIL|SKIPPED|WARNING)\b.*$/gm)
  return [...verdicts].map(([, name, verdict]) => `${name ?? ''} ${verdict ?? ''}`)
}

/** Serves a script of the site's apps/ by wsgiref as a tenant. */
export async function servedByWsgiref(
  user: string,
  site: Site,
  script: string,
  env: Readonly<Record<string, string>>,
): Promise<AsyncDisposable & { url: string }> {
  const { uid, gid } = account(user)
  const copy = await site.write('serve-by-wsgiref.py', await readFile(program, 'utf8'))
  const child = spawn('/usr/bin/python3', [copy, site.path('apps', script)], {
    cwd: site.directory,
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C.UTF-8', ...env },
    stdio: ['pipe', 'pipe', 'ignore'],
    ...(isRoot ? { uid, gid } : {}),
  })
  const lines = createInterface({ input: child.stdout })
  const port = await new Promise<string>((resolve) => lines.once('line', resolve))
  const stop = async () => {
    child.stdin.end()
    if (child.exitCode === null && child.signalCode === null) await once(child, 'exit')
  }
  atEnd(stop)
  return {
    url: `http://127.0.0.1:${port}/`,
    [Symbol.asyncDispose]: stop,
  }
}
