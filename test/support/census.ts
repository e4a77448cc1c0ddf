// Which processes a server has, by what they are; "exactly these" is a comparison of two of them.
import { describeDescriptors } from './descriptors.ts'
import { commandLineOf, familyOf, processTable } from './processes.ts'

export type Census = Readonly<{ routers: number; templates: number; workers: number; others: number }>

/** Counts the supervisor's children by their titles; `others` are those that end just now, or should not be there. */
export function census(supervisor: number): Census {
  const counts = { routers: 0, templates: 0, workers: 0, others: 0 }
  for (const { pid, state } of familyOf(supervisor)) {
    if (pid !== supervisor) counts[state === 'Z' ? 'others' : kindOf(commandLineOf(pid))] += 1
  }
  return counts
}

function kindOf(title: string): keyof Census {
  if (title.endsWith('(template)')) return 'templates'
  if (title.startsWith('wsgid: ') || title.startsWith('chaos-')) return 'workers'
  return title.includes('router/main.js') ? 'routers' : 'others'
}

/** Running processes with this display-name, whoever their parent is by now. */
export function pidsTitled(displayName: string): readonly number[] {
  return processTable()
    .filter(({ pid, state }) => state !== 'Z' && commandLineOf(pid).startsWith(displayName))
    .map(({ pid }) => pid)
}

/** The processes of a server that are templates, workers. */
export const templatePids = (supervisor: number): readonly number[] => pidsOf(supervisor, 'templates')
export const workerPids = (supervisor: number): readonly number[] => pidsOf(supervisor, 'workers')
export const routerPids = (supervisor: number): readonly number[] => pidsOf(supervisor, 'routers')

function pidsOf(supervisor: number, kind: keyof Census): readonly number[] {
  const running = familyOf(supervisor).filter(({ pid, state }) => pid !== supervisor && state !== 'Z')
  return running.filter(({ pid }) => kindOf(commandLineOf(pid)) === kind).map(({ pid }) => pid)
}

/** How many descriptors of each sort a process has, so that one which was left behind shows. Sorted; pipes and sockets by kind. */
export function descriptorKinds(pid: number): Readonly<Record<string, number>> {
  const kinds: Record<string, number> = {}
  for (const kind of [...describeDescriptors(pid).values()].sort()) kinds[kind] = (kinds[kind] ?? 0) + 1
  return kinds
}
