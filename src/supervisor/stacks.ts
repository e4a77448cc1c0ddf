// Asks the workers of a group where their threads are, within bounded time: first a worker itself, which knows its requests; if it cannot run
// Python code its signal handler; of one that is stopped, the kernel.
import { readFileSync } from 'node:fs'
import type { StacksAnswer, WorkerStacks } from '../control/stacks-document.ts'
import type { Member } from '../lifecycle/group-state.ts'
import { publicWorkerState } from '../lifecycle/public-state.ts'
import type { ToldStacks } from '../protocol/supervision.ts'
import type { GroupChildren } from './group-children.ts'
import { stateOfParts } from './group-parts.ts'
import type { GroupEntry, Machines } from './machines.ts'
import { parseThreadDump } from './thread-dump.ts'
import type { WorkerChildren } from './worker-children.ts'

/** A worker's main thread answers in a few milliseconds, unless many threads compute. */
const tellMs = 1000
const writeMs = 2500
const readEveryMs = 150

type Found = Pick<WorkerStacks, 'by' | 'note' | 'idle' | 'leftOut' | 'threads'>

type World = Readonly<{ machines: Pick<Machines, 'byName'>; workers: Pick<WorkerChildren, 'of'> }>

/** However many ask about a group at the same time, its workers are asked once: what a worker answers goes to one who asks, the last one. */
export function sharedStacks(world: World): (group: string) => Promise<StacksAnswer> {
  const running = new Map<string, Promise<StacksAnswer>>()
  return (group) => {
    const answer = running.get(group) ?? readStacks(world, group).finally(() => running.delete(group))
    running.set(group, answer)
    return answer
  }
}

/** @param name of the group, as its users know it: several applications groups of it may run by themselves */
export async function readStacks({ machines, workers }: World, name: string): Promise<StacksAnswer> {
  const entries = machines.byName.get(name)
  if (entries === undefined) return { known: [...machines.byName.keys()] }
  const asked = entries.flatMap((entry) => entry.state.members.map((member) => askWorker(entry, member, workers)))
  return { group: name, state: stateOfParts(entries), workers: await Promise.all(asked) }
}

async function askWorker({ plan }: GroupEntry, member: Member, workers: World['workers']): Promise<WorkerStacks> {
  const { number, generation, worker } = member
  const children = workers.of(plan.name)
  const pid = children.process(number)?.pid ?? null
  const found = pid === null ? askTemplate(children, number) : await findStacks(children, number, pid)
  return { pid, state: publicWorkerState[worker.phase], generation: generation.number, ...found }
}

const nothing = { idle: 0, leftOut: 0, threads: [] }

/** It hangs in what it preloads, or has only just been started. */
function askTemplate(children: GroupChildren, number: number): Found {
  const template = children.template(number)
  template?.writeStack()
  const note =
    template === undefined
      ? 'not started yet'
      : `not forked yet: its template process, pid ${template.pid}, still loads; the stack of that is in the log of the group`
  return { by: 'nobody', note, ...nothing }
}

async function findStacks(children: GroupChildren, number: number, pid: number): Promise<Found> {
  const told = await tellStacks(children, number)
  if (told !== null) return { by: 'worker', note: '', ...told }
  const written = await writeStacks(children, number)
  if (written !== '') return { by: 'signal', note: '', leftOut: 0, ...parseThreadDump(written) }
  return { by: 'nobody', note: whySilent(pid), ...nothing }
}

/** @returns null when it does not answer */
function tellStacks(children: GroupChildren, number: number): Promise<ToldStacks | null> {
  return new Promise((resolve) => {
    const timer = setTimeout(() => resolve(null), tellMs)
    const asked = children.askForStacks(number, 'tell-stacks', (message) => {
      if (message.type !== 'stacks') return
      clearTimeout(timer)
      const { idle, leftOut, threads } = message
      resolve({ idle, leftOut, threads })
    })
    if (asked) return
    clearTimeout(timer)
    resolve(null)
  })
}

/** Nobody says when all is written: it is when two looks find the same. @returns "" when nothing was written */
function writeStacks(children: GroupChildren, number: number): Promise<string> {
  return new Promise((resolve) => {
    let text = ''
    const end = (): void => {
      clearInterval(look)
      clearTimeout(timer)
      resolve(text)
    }
    const hear: Parameters<GroupChildren['askForStacks']>[2] = (message) => {
      if (message.type !== 'written-stacks') return
      const settled = message.text !== '' && message.text === text
      text = message.text
      if (settled) end()
    }
    const look = setInterval(() => children.askForStacks(number, 'read-stacks', hear), readEveryMs)
    const timer = setTimeout(end, writeMs)
    if (!children.askForStacks(number, 'write-stacks', hear)) end()
  })
}

/** By its state as proc(5) has it. */
function whySilent(pid: number): string {
  const state = stateOf(pid)
  if (state === 'T' || state === 't') return 'it is stopped by a signal or a tracer (SIGCONT lets it go on)'
  if (state === 'D') return 'it waits in the kernel (state D), often for a disk or a network file system'
  if (state === null || state === 'Z' || state === 'X') return 'it has just ended'
  return 'it did not answer, nor did its signal handler or its template process'
}

function stateOf(pid: number): string | null {
  try {
    return (
      / ([A-Za-z])$/.exec(/^.*\) [A-Za-z]/s.exec(readFileSync(`/proc/${pid}/stat`, 'latin1'))?.[0] ?? '')?.[1] ?? null
    )
  } catch {
    return null
  }
}
