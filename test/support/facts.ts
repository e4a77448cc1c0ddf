// A machine made up for tests of the plan: accounts and files as values. By default everything asked for exists, belongs to root
// and can be read by everyone.
import { dirname } from 'node:path'
import { configureServer, type Configuration } from '../../src/config/configuration.ts'
import { instanceOf, readForEach } from '../../src/config/for-each.ts'
import { configureGroup } from '../../src/config/group-configuration.ts'
import { checkGroupFile, parseGroupFile, parseServerFile } from '../../src/config/parse.ts'
import { parseYaml } from '../../src/config/yaml-file.ts'
import {
  certificateKey,
  credentialKey,
  type Account,
  type AccountGroup,
  type CertificateFacts,
  type Facts,
  type PathFacts,
  type PathStep,
} from '../../src/plan/facts.ts'
import { directApplications } from '../../src/plan/directed-applications.ts'
import { makePlan } from '../../src/plan/make-plan.ts'
import type { ServerPlan } from '../../src/plan/plan.ts'
import { questionsOf } from '../../src/plan/questions.ts'
import { gid, uid } from '../../src/units.ts'

/** A configuration from texts, as if read from /etc/wsgid; group files by name, "a" is groups.d/a.yaml. */
export function aConfiguration(groups: Readonly<Record<string, string>>, server = ''): Configuration {
  const parsed = mustBeOk(parseServerFile({ name: 'wsgid.yaml', path: '/etc/wsgid/wsgid.yaml', text: server }))
  return {
    server: configureServer(parsed),
    groups: Object.entries(groups).map(([name, text]) => {
      const file = `groups.d/${name}.yaml`
      return configureGroup(mustBeOk(parseGroupFile({ name: file, path: `/etc/wsgid/${file}`, text })), parsed)
    }),
  }
}

/** A configuration of one file with `for-each`, groups.d/sites.yaml, and these directories; each belongs to the account trac. */
export function someInstances(
  text: string,
  found: Readonly<{ foundIn: string; names: readonly string[] }>,
): Configuration {
  const server = mustBeOk(parseServerFile({ name: 'wsgid.yaml', path: '/etc/wsgid/wsgid.yaml', text: '' }))
  const yaml = mustBeOk(parseYaml({ name: 'groups.d/sites.yaml', path: '/etc/wsgid/groups.d/sites.yaml', text }))
  const { forEach } = mustBeOk(readForEach(yaml.file))
  if (forEach === null) throw new Error('the test forgot for-each')
  return {
    server: configureServer(server),
    groups: found.names.map((name) => {
      const parsed = mustBeOk(checkGroupFile(instanceOf(forEach, { name, owner: 'trac' })))
      return configureGroup(parsed, server, found.foundIn)
    }),
  }
}

function mustBeOk<Result extends { ok: boolean }>(result: Result): Extract<Result, { ok: true }> {
  if (isOk(result)) return result
  throw new Error(`the test's configuration is wrong: ${JSON.stringify(result)}`)
}

const isOk = <Result extends { ok: boolean }>(result: Result): result is Extract<Result, { ok: true }> => result.ok

const account = (name: string, id: number, home = `/home/${name}`): Account => ({
  name,
  uid: uid(id),
  gid: gid(id),
  home,
  shell: '/bin/sh',
})

const accounts: readonly Account[] = [
  { ...account('root', 0, '/root'), shell: '/bin/bash' },
  account('trac', 1001),
  account('games', 1002),
  account('www-data', 33, '/var/www'),
  account('nobody', 65_534, '/nonexistent'),
]

type File = Partial<Pick<PathStep, 'kind' | 'mode'> & { uid: number; gid: number }>

/** What differs from the machine that the builder makes up. */
export type Machine = Readonly<{
  /** Whom wsgid runs as; default 0. */
  uid?: number
  /** Further accounts. */
  accounts?: readonly Account[]
  groups?: readonly AccountGroup[]
  memberships?: Readonly<Record<string, readonly number[]>>
  /** By path; null: it does not exist. */
  files?: Readonly<Record<string, File | null>>
  /** Texts of files that env-file names, by path. */
  texts?: Readonly<Record<string, string>>
  /** What every pair of certificate and key is; default: a good one for a.example.org. */
  certificate?: CertificateFacts
}>

/** A pair that nothing speaks against. */
export const goodCertificate = {
  ok: true,
  certificate: 'certificate PEM',
  key: 'key PEM',
  names: ['a.example.org'],
  from: '2026-01-01T00:00:00.000Z',
  until: '2036-01-01T00:00:00.000Z',
  validity: 'valid',
} as const satisfies CertificateFacts

/** The facts of that machine for a configuration. */
export function someFacts(configuration: Configuration, machine: Machine = {}): Facts {
  const id = machine.uid ?? 0
  const process = { uid: uid(id), gid: gid(id), groups: [gid(id)] }
  const directories = { runtime: undefined, state: undefined, home: '/home/trac' }
  const known = [...accounts, ...(machine.accounts ?? [])]
  const groups = [
    ...known.map((each) => ({ name: each.name, gid: each.gid })),
    { name: 'staff', gid: gid(50) },
    ...(machine.groups ?? []),
  ]
  const asked = questionsOf(configuration, { process, directories })
  const files = machine.files ?? {}
  return {
    process,
    directories,
    accountsByName: new Map(known.map((each) => [each.name, each])),
    accountsByUid: new Map(known.map((each) => [each.uid, each])),
    groupsByName: new Map(groups.map((each) => [each.name, each])),
    groupsByGid: new Map(groups.map((each) => [each.gid, each])),
    memberships: new Map(Object.entries(machine.memberships ?? {}).map(([name, ids]) => [name, ids.map(gid)])),
    paths: new Map(asked.paths.map((path) => [path, wayTo(path, files)])),
    chrootPaths: new Map(
      [...asked.chrootPaths].map(([root, paths]) => [
        root,
        new Map(paths.map((path) => [path, startingAt(root, wayTo(`${root}${path}`, files))])),
      ]),
    ),
    certificates: new Map(
      asked.certificates.map((pair) => [certificateKey(pair), machine.certificate ?? goodCertificate]),
    ),
    credentialFiles: new Map(
      directApplications(configuration).groups.flatMap(({ name, applications }) =>
        applications.flatMap(({ auth }) =>
          [auth?.users, auth?.groups].flatMap((path) => {
            const text = machine.texts?.[path ?? '']
            return !path || text === undefined ? [] : [[credentialKey(name, path), { ok: true, text }] as const]
          }),
        ),
      ),
    ),
    environmentFiles: new Map(Object.entries(machine.texts ?? {}).map(([path, text]) => [path, { ok: true, text }])),
  }
}

/** The plan of a configuration that nothing is wrong with on that machine. */
export const goodPlan = (configuration: Configuration, machine: Machine = {}): ServerPlan =>
  mustBeOk(makePlan(configuration, someFacts(configuration, machine))).plan

function startingAt(root: string, way: PathFacts): PathFacts {
  return { ...way, steps: way.steps.filter(({ path }) => path === root || path.startsWith(`${root}/`)) }
}

function wayTo(path: string, files: Readonly<Record<string, File | null>>): PathFacts {
  const looksLikeFile = /\.(?:py|wsgi|yaml|env|pem|key|ht[a-z]+)$|python3?$|\/bin\/env$/.test(path)
  const steps = [...ancestorsOf(path), path].map((each) => {
    const file = each === path && looksLikeFile
    return stepAt(each, {
      kind: file ? 'file' : 'directory',
      mode: /\/bin\/env$|python3?$/.test(path) || !file ? 0o755 : each.endsWith('.key') ? 0o600 : 0o644,
      ...files[each],
    })
  })
  const target = steps.at(-1)
  if (!target || files[path] === null)
    return { found: false, steps: steps.slice(0, -1), missing: path, reason: 'ENOENT' }
  return { found: true, steps, target }
}

function stepAt(path: string, file: File): PathStep {
  return { path, kind: file.kind ?? 'file', uid: uid(file.uid ?? 0), gid: gid(file.gid ?? 0), mode: file.mode ?? 0o644 }
}

function ancestorsOf(path: string): readonly string[] {
  const above = dirname(path)
  return above === path ? [] : [...ancestorsOf(above), above]
}
