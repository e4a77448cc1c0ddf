import {
  chmodSync,
  mkdirSync,
  mkdtempSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  utimesSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { gid, uid } from '../units.ts'
import { forbiddenScript, identityOfScripts } from './script-files.ts'

const root = mkdtempSync(join(tmpdir(), 'wsgid-scripts-'))
afterAll(() => rmSync(root, { recursive: true }))

/** A script alone in a directory that nobody else can write to. */
function aScript(name: string) {
  mkdirSync(join(root, name), { mode: 0o755 })
  const path = join(root, name, 'site.wsgi')
  writeFileSync(path, 'v1', { mode: 0o644 })
  const entry = { kind: 'script', path, callable: 'application' } as const
  const application = { mount: '', hosts: [], environ: {}, entry }
  return {
    path,
    directory: join(root, name),
    plan: { applications: [application], chroot: null, preloadScripts: [], scriptDirectories: null },
  }
}

test('a script has another identity when it was written, replaced or removed, and the same when it was only read', () => {
  const { path, plan } = aScript('identity')
  const identities = [identityOfScripts(plan)]
  expect(identityOfScripts(plan)).toBe(identities[0])
  utimesSync(path, 1, 1)
  identities.push(identityOfScripts(plan))
  writeFileSync(`${path}.new`, 'v1')
  utimesSync(`${path}.new`, 1, 1)
  renameSync(`${path}.new`, path)
  identities.push(identityOfScripts(plan))
  rmSync(path)
  identities.push(identityOfScripts(plan))
  expect(new Set(identities).size).toBe(4)
})

test('a path in a chroot is looked at inside of it', () => {
  const { directory, plan } = aScript('jail')
  const [application] = plan.applications
  const inside = { ...application, entry: { kind: 'script', path: '/site.wsgi', callable: 'application' } as const }
  const jailed = {
    applications: [{ mount: '', hosts: [], environ: {}, ...inside }],
    chroot: directory,
    preloadScripts: [],
  }
  expect(identityOfScripts(jailed)).toBe(identityOfScripts(plan))
})

test('script-user and script-group refuse other owners, and what others can write', () => {
  const { path, directory, plan } = aScript('owner')
  const owner = statSync(path)
  const byUser = { ...plan, scriptUser: uid(owner.uid), scriptGroup: null }
  const byGroup = { ...plan, scriptUser: null, scriptGroup: gid(owner.gid) }
  expect([byUser, byGroup].map(forbiddenScript)).toEqual([null, null])
  expect(forbiddenScript({ ...byUser, scriptUser: uid(owner.uid + 1) })).toMatch(/script-user is/)
  expect(forbiddenScript({ ...byGroup, scriptGroup: gid(owner.gid + 1) })).toMatch(/script-group is/)
  chmodSync(path, 0o664)
  expect([byUser, byGroup].map(forbiddenScript)).toEqual([`${path} is writable by its group`, null])
  chmodSync(path, 0o646)
  expect(forbiddenScript(byGroup)).toBe(`${path} is writable by everybody`)
  chmodSync(path, 0o644)
  chmodSync(directory, 0o777)
  expect(forbiddenScript(byUser)).toBe(`${directory} is writable by everybody`)
})

test('without script-user and script-group nothing is looked at', () => {
  const nowhere = { ...aScript('free').plan, scriptUser: null, scriptGroup: null }
  rmSync(join(root, 'free'), { recursive: true })
  expect(forbiddenScript(nowhere)).toBeNull()
})

test('a script is forbidden when it, or what it is a link to, stands in none of the script-directories', () => {
  const permitted = aScript('permitted')
  const foreign = aScript('permitted-not')
  const wanted = { scriptUser: null, scriptGroup: null, scriptDirectories: [permitted.directory] }
  expect(forbiddenScript({ ...permitted.plan, ...wanted })).toBe(null)
  expect(forbiddenScript({ ...foreign.plan, ...wanted })).toContain(`${foreign.path} stands in none of`)
  rmSync(permitted.path)
  symlinkSync(foreign.path, permitted.path)
  expect(forbiddenScript({ ...permitted.plan, ...wanted })).toContain(foreign.path)
})
