// Looks accounts up with getent(1), many names in one call: the C library's own databases, LDAP and the like included, without
// blocking this process. Caches nothing: every reload asks anew. Not by execa, whose modules alone take a tenth of the time of `wsgid check`.
import { execFile, type ExecFileException } from 'node:child_process'
import type { Account, AccountGroup } from '../plan/facts.ts'
import { gid, uid, type Gid } from '../units.ts'

// A directory server that does not answer must not hold a reload forever.
const patience = 30_000
const largestAnswer = 64 * 1024 * 1024

/** Looks up accounts by name or by uid in digits; those that do not exist are absent. */
export async function lookUpAccounts(keys: readonly string[]): Promise<readonly Account[]> {
  return (await getent('passwd', keys)).flatMap((line) => {
    const [name, , user, group, , home, shell] = line.split(':')
    if (!name || !user || !group) return []
    return [{ name, uid: uid(Number(user)), gid: gid(Number(group)), home: home || '/', shell: shell || '/bin/sh' }]
  })
}

/** Looks up groups by name or by gid in digits; those that do not exist are absent. */
export async function lookUpGroups(keys: readonly string[]): Promise<readonly AccountGroup[]> {
  return (await getent('group', keys)).flatMap((line) => {
    const [name, , group] = line.split(':')
    return name && group ? [{ name, gid: gid(Number(group)) }] : []
  })
}

/** The groups that accounts are members of besides their primary one, by account name. */
export async function lookUpMemberships(names: readonly string[]): Promise<ReadonlyMap<string, readonly Gid[]>> {
  const lines = await getent('initgroups', names)
  return new Map(
    lines.map((line) => {
      const [name = '', ...groups] = line.trim().split(/\s+/)
      return [name, groups.map((group) => gid(Number(group)))]
    }),
  )
}

function getent(database: string, keys: readonly string[]): Promise<readonly string[]> {
  if (keys.length === 0) return Promise.resolve([])
  return new Promise((resolve, reject) => {
    execFile(
      'getent',
      [database, '--', ...keys],
      { timeout: patience, maxBuffer: largestAnswer },
      (error, stdout, stderr) => {
        // 2: one or more of the keys are not in the database; the others were printed.
        if (error === null || error.code === 2) resolve(stdout.split('\n').filter((line) => line !== ''))
        else reject(new Error(`cannot look up accounts: getent ${database} ${failureOf(error, stderr)}; ${cure}`))
      },
    )
  })
}

const cure = 'getent must be installed (Debian: libc-bin) and the account databases reachable'

// Its own message has the whole command line, which may be thousands of names.
function failureOf({ code, killed, signal }: ExecFileException, stderr: string): string {
  if (typeof code === 'string') return `cannot be run: ${code}`
  if (killed === true) return `was ended after ${patience / 1000} s`
  return `failed: ${stderr.trim() || (signal ?? `exit code ${code ?? 'unknown'}`)}`
}
