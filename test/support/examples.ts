// The examples of docs/examples, moved to a place where a test can run them: /srv into its site, people's accounts to those that every
// machine has.
import { readdirSync, readFileSync } from 'node:fs'
import { cp, mkdir } from 'node:fs/promises'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import type { GroupDefinition } from './a-group.ts'
import { account } from './accounts.ts'
import { makeSite, type Site } from './site.ts'

const examples = fileURLToPath(new URL('../../docs/examples', import.meta.url))

/** Where a file of docs/examples is. */
export const exampleFile = (name: string): string => join(examples, name)

/** Who is who in a test. */
export const tenants = { alice: 'www-data', bob: 'games', carol: 'backup' } as const

export type Person = keyof typeof tenants
export const people: readonly Person[] = ['alice', 'bob', 'carol']

/** The uid of a person of the examples. */
export const uidOf = (person: Person): number => account(tenants[person]).uid

/** A site whose srv/trac/trac.wsgi, which most of the examples serve, is test/apps/surveyor.py. */
export async function aTracSite(): Promise<Site> {
  const site = await makeSite()
  await mkdir(site.path('srv', 'trac', 'lib'), { recursive: true })
  await mkdir(site.path('srv', 'sites'))
  await cp(site.path('apps', 'surveyor.py'), site.path('srv', 'trac', 'trac.wsgi'))
  return site
}

/** The group of docs/examples/NAME.yaml as it is; `changed` are keys that the test needs otherwise. */
export function exampleGroup(name: string, changed: Readonly<Record<string, unknown>> = {}): GroupDefinition {
  return { ...groupOf(name, readFileSync(join(examples, `${name}.yaml`), 'utf8')), ...changed }
}

/** The groups of docs/examples/NAME/groups.d, ready for startWsgid. */
export function exampleGroups(name: string, site: Site): readonly GroupDefinition[] {
  return readdirSync(join(examples, name, 'groups.d')).map((file) =>
    groupOf(basename(file, '.yaml'), textOf(`${name}/groups.d/${file}`, site.path('srv'))),
  )
}

/** The server's options of docs/examples/NAME/wsgid.yaml, ready for startWsgid. */
export function exampleServer(name: string, site: Site): Readonly<Record<string, unknown>> {
  return parse(textOf(`${name}/wsgid.yaml`, site.path('srv'))) as Record<string, unknown>
}

/**
 * The group of docs/examples/NAME.yaml three times: once for each person, as NAME-PERSON, on a host of its own, in a copy of /srv and /opt
 * of its own (placeOf).
 */
export function exampleForEachPerson(name: string, site: Site): readonly GroupDefinition[] {
  return people.map((person) => {
    const text = textOf(`${name}.yaml`, placeOf(site, person, 'srv')).replaceAll(
      '/opt/',
      `${placeOf(site, person, 'opt')}/`,
    )
    const group = groupOf(`${basename(name)}-${person}`, text.replace(/^user: trac$/m, `user: ${tenants[person]}`))
    const hosts = [hostOf(name, person)]
    return { ...group, applications: group.applications.map((application) => ({ ...application, hosts })) }
  })
}

/** Where a person has what the example says of /srv and /opt. */
export const placeOf = (site: Site, person: Person, ...path: readonly string[]): string => site.path(person, ...path)

/** The host of a person's copy of an example. */
export const hostOf = (name: string, person: Person): string => `${basename(name)}.${person}.example`

/** docs/examples/NAME.yaml with for-each, /srv and /opt in the site. Its groups are called each-INSTANCE. */
export function exampleOfDirectories(name: string, site: Site): GroupDefinition {
  return groupOf(
    'each-${instance}',
    textOf(`${name}.yaml`, site.path('srv')).replaceAll('/opt/', `${site.path('opt')}/`),
  )
}

/** What people are called where the example names them, and /srv moved. */
function textOf(file: string, srv: string): string {
  return readFileSync(join(examples, file), 'utf8')
    .replaceAll(/\/srv\b/g, srv)
    .replaceAll(
      /^((?:script-)?(?:user|group)): (alice|bob|carol)$/gm,
      (_, key, who) => `${key}: ${tenants[who as Person]}`,
    )
}

const groupOf = (name: string, text: string): GroupDefinition =>
  ({ name, ...(parse(text) as object) }) as GroupDefinition
