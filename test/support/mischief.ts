// What can happen to a running server, chosen at random from a seed: processes killed and stopped, reloads, restarts, broken and repaired scripts.
import { routerPids, templatePids, workerPids } from './census.ts'
import { deploy, ledgerVersion, writeGroup } from './group-files.ts'
import type { GroupDefinition } from './a-group.ts'
import { isRecord } from './http.ts'
import { isRunning, processRow } from './processes.ts'
import type { RunningWsgid } from './start-wsgid.ts'

export type Mischief = Readonly<{
  /** Does one thing. @returns what, for people */
  next: () => Promise<string>
  /** When routers were killed, by performance.now(). */
  routerKills: readonly number[]
  /** Undoes what is not to last: everything runs, scripts are good, definitions are new, commands have ended. */
  end: () => Promise<void>
}>

type Options = Readonly<{
  server: RunningWsgid
  random: () => number
  /** Names; each serves scripts/NAME.py. */
  groups: readonly string[]
  /** A group's definition; it must differ when `change` does. */
  definition: (name: string, change: number) => GroupDefinition
}>

/** Numbers from 0 to 1, always the same ones for a seed (mulberry32). */
export function randomFrom(seed: number): () => number {
  let state = seed
  return () => {
    state = (state + 0x6d2b79f5) | 0
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state)
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 4294967296
  }
}

/** Whom it hit: a pid, a group; null: there was nobody. */
type Deed = number | string | null | undefined

const brokenScripts = [
  'def application(:\n',
  'raise RuntimeError("broken")\n',
  'import os\nos._exit(3)\n',
  'import os\nos.kill(os.getpid(), 9)\n',
]

export function makeMischief({ server, random, groups, definition }: Options): Mischief {
  const oneOf = <T>(list: readonly T[]): T | undefined => list[Math.floor(random() * list.length)]
  const routerKills: number[] = []
  const commands: Promise<unknown>[] = []
  const stopped: NodeJS.Timeout[] = []
  let change = 0

  const strike = (pids: readonly number[], signal: NodeJS.Signals): number | null => {
    const pid = oneOf(pids)
    return pid !== undefined && signalled(pid, signal) ? pid : null
  }
  const workers = () => workerPids(server.pid)
  const redefine = async (names: readonly (string | undefined)[]) => {
    change += 1
    for (const name of names) if (name !== undefined) await writeGroup(server.site, definition(name, change))
  }
  const command = (...args: readonly string[]): undefined => void commands.push(server.wsgid(...args))
  const replace = async (script: string) => {
    const name = oneOf(groups) ?? ''
    await deploy(server.site, name, script)
    return name
  }

  const deeds: Readonly<Record<string, () => Deed | Promise<Deed>>> = {
    'kill -9 of a worker': () => strike(workers(), 'SIGKILL'),
    'USR1 to a worker': () => strike(workers(), 'SIGUSR1'),
    'TERM to a worker': () => strike(workers(), 'SIGTERM'),
    'a worker stopped for a while': () => {
      const pid = oneOf(workers())
      const row = pid === undefined ? null : processRow(pid)
      if (pid === undefined || row === null || !signalled(pid, 'SIGSTOP')) return null
      stopped.push(setTimeout(() => isRunning(row) && signalled(pid, 'SIGCONT'), 200 + random() * 800))
      return pid
    },
    'kill -9 of a template process': () => strike(templatePids(server.pid), 'SIGKILL'),
    'USR1 to a template process': () => strike(templatePids(server.pid), 'SIGUSR1'),
    'kill -9 of a router': () => {
      const pid = strike(routerPids(server.pid), 'SIGKILL')
      if (pid !== null) routerKills.push(performance.now())
      return pid
    },
    'reload with a changed group': async () => {
      await redefine([oneOf(groups)])
      command('reload')
    },
    'reload without a change': () => command('reload'),
    'HUP with every group changed': async () => {
      await redefine(groups)
      process.kill(server.pid, 'SIGHUP')
    },
    restart: () => command('restart'),
    'a broken script': () => replace(oneOf(brokenScripts) ?? ''),
    'a good script': () => replace(ledgerVersion(`good-${change}`)),
  }

  return {
    routerKills,
    next: async () => {
      const [name, act] = oneOf(Object.entries(deeds)) ?? ['nothing', () => null]
      const to = await act()
      return to === undefined ? name : `${name} (${to ?? 'nobody there'})`
    },
    end: async () => {
      // Those that still lie stopped are woken by their timers, a second later at most.
      await Promise.all(commands)
      for (const name of groups) await deploy(server.site, name, ledgerVersion('last'))
      await redefine(groups)
      const { exitCode, stderr } = await server.wsgid('reload')
      if (exitCode !== 0) throw new Error(`the last reload failed: ${stderr}`)
    },
  }
}

/** @returns false when it has just ended */
function signalled(pid: number, signal: NodeJS.Signals): boolean {
  try {
    return process.kill(pid, signal)
  } catch (error) {
    if (isRecord(error) && error['code'] === 'ESRCH') return false
    throw error
  }
}
