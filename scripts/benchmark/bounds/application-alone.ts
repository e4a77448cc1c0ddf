// A bound: what a call of the application takes without any server.
import { execa } from 'execa'
import { fileURLToPath } from 'node:url'
import type { Context } from '../scenario.ts'
import type { SiteName } from '../workspace.ts'

/** CPU time of one call. */
export type Alone = Readonly<{ site: SiteName; microseconds: number }>

const program = fileURLToPath(new URL('../../../../scripts/benchmark/bounds/alone.py', import.meta.url))

/** Calls each site's application in a loop, by the Python that the servers have. */
export async function measureAlone({ workspace, seconds, signal }: Context): Promise<Alone[]> {
  const all: Alone[] = []
  for (const { name, script } of Object.values(workspace.sites)) {
    const { stdout } = await execa('/usr/bin/python3', [program, script, String(seconds)], { cancelSignal: signal })
    all.push({ site: name, microseconds: Number(stdout) })
  }
  return all
}
