// The examples of docs/examples, moved to a place where a test can run them: /srv into its site, people's accounts to those that every
// machine has.
import { readdirSync, readFileSync } from 'node:fs'
import { basename, join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import type { GroupDefinition } from './a-group.ts'
import { account } from './accounts.ts'
import type { Site } from './site.ts'

const examples = fileURLToPath(new URL('../../docs/examples', import.meta.url))

/** Who is who in a test. */
export const tenants = { alice: 'www-data', bob: 'games', carol: 'backup' } as const

/** The uid of a person of the examples. */
export const uidOf = (person: keyof typeof tenants): number => account(tenants[person]).uid

/** The groups of docs/examples/NAME/groups.d, ready for startWsgid. */
export function exampleGroups(name: string, site: Site): readonly GroupDefinition[] {
  const directory = join(examples, name, 'groups.d')
  return readdirSync(directory).map((file) => {
    const moved = readFileSync(join(directory, file), 'utf8')
      .replaceAll('/srv/', `${site.path('srv')}/`)
      .replaceAll(
        /^(user|group): (alice|bob|carol)$/gm,
        (_, key, who) => `${key}: ${tenants[who as keyof typeof tenants]}`,
      )
    return { name: basename(file, '.yaml'), ...(parse(moved) as object) } as GroupDefinition
  })
}
