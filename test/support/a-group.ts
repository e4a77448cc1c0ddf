// Builds group definitions as users write them, with a default for everything a test does not care about.
import { isRoot } from './test.ts'

/** A group file's content: kebab-case keys as in groups.d/. */
export type GroupDefinition = Readonly<{ name: string; applications: readonly object[]; [key: string]: unknown }>

/** `user: NAME` when root; nothing otherwise, where everything runs as the current user. */
export function tenant(user: string): { user?: string } {
  return isRoot ? { user } : {}
}

/**
 * A group that serves the torture application at "/" by one process with five threads as www-data.
 *
 * @param wanted any keys of a group file; paths are relative to groups.d/ beside the site's apps/
 */
export function aGroup(wanted: Readonly<Record<string, unknown>> = {}): GroupDefinition {
  return {
    name: 'torture',
    ...tenant('www-data'),
    processes: 1,
    threads: 5,
    applications: [{ mount: '/', script: '../apps/torture.py' }],
    ...wanted,
  }
}

/** A group at "/NAME" that serves one of the applications in test/apps, by its file's name without .py. */
export function aGroupAt(
  name: string,
  application: string,
  wanted: Readonly<Record<string, unknown>> = {},
): GroupDefinition {
  return aGroup({ name, applications: [{ mount: `/${name}`, script: `../apps/${application}.py` }], ...wanted })
}
