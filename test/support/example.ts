// The configurations of docs/examples as tests run them: what stands in the documentation is what is tested.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { parse } from 'yaml'
import type { GroupDefinition } from './a-group.ts'
import { isRecord } from './http.ts'

/** A group of docs/examples, by the file's name without .yaml; `changed` are keys that the test needs otherwise. */
export function exampleGroup(name: string, changed: Readonly<Record<string, unknown>> = {}): GroupDefinition {
  const path = fileURLToPath(new URL(`../../docs/examples/${name}.yaml`, import.meta.url))
  const definition: unknown = parse(readFileSync(path, 'utf8'))
  if (!isRecord(definition) || typeof definition['name'] !== 'string') throw new Error(`${path} is no group`)
  const applications = definition['applications']
  if (!Array.isArray(applications)) throw new Error(`${path} has no applications`)
  return { ...definition, name: definition['name'], applications: applications.filter(isRecord), ...changed }
}
