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

/**
 * What each process of a server has open, by kind of process and of descriptor, so that one which was left behind shows: what differs from one
 * worker or slot to the next is left out.
 */
export function openDescriptors(supervisor: number): readonly string[] {
  const running = familyOf(supervisor).filter(({ state }) => state !== 'Z')
  return running
    .map(({ pid }) => `${pid === supervisor ? 'supervisor' : kindOf(commandLineOf(pid))}: ${kindsOf(pid)}`)
    .sort()
}

function kindsOf(pid: number): string {
  const counts = new Map<string, number>()
  for (const description of describeDescriptors(pid).values()) {
    // A slot that no worker has had yet is not listened on.
    const kind = description.replace(/^\w+ socket (.*)\d+\.sock$/, 'socket $1N.sock')
    counts.set(kind, (counts.get(kind) ?? 0) + 1)
  }
  return [...counts]
    .map(([kind, count]) => `${count} × ${kind}`)
    .sort()
    .join(', ')
}
