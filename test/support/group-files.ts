// Group definitions and their scripts as an operator changes them while the server runs.
import { readFileSync } from 'node:fs'
import { rename, rm, writeFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { stringify } from 'yaml'
import { tenant, type GroupDefinition } from './a-group.ts'
import type { Site } from './site.ts'

const ledger = readFileSync(fileURLToPath(new URL('../apps/ledger.py', import.meta.url)), 'utf8')

/** Writes groups.d/NAME.yaml anew. */
export function writeGroup(site: Site, group: GroupDefinition): Promise<void> {
  return writeFile(site.path('groups.d', `${group.name}.yaml`), stringify(group))
}

export function removeGroup(site: Site, name: string): Promise<void> {
  return rm(site.path('groups.d', `${name}.yaml`))
}

/** The text of the ledger application with another VERSION. */
export function ledgerVersion(version: string): string {
  return ledger.replace('VERSION = "1"', `VERSION = "${version}"`)
}

/**
 * A group that serves scripts/NAME.py at /NAME; `deploy` that script first.
 *
 * @param wanted any keys of a group file
 */
export function aDeployedGroup(name: string, wanted: Readonly<Record<string, unknown>> = {}): GroupDefinition {
  return {
    name,
    ...tenant('www-data'),
    processes: 1,
    threads: 5,
    applications: [{ mount: `/${name}`, script: `../scripts/${name}.py` }],
    ...wanted,
  }
}

/** Puts a script in the place of scripts/NAME.py at one stroke, as a careful deployment does: nobody reads half of it. */
export async function deploy(site: Site, name: string, text: string): Promise<void> {
  const finished = await site.write(`scripts/${name}.py.new`, text)
  await rename(finished, site.path('scripts', `${name}.py`))
}
