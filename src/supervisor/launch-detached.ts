// Starts a supervisor in the background and waits until it says how the start went.
import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { openServerLog } from '../observe/logs.ts'
import type { ServerPlan } from '../plan/plan.ts'
import type { GroupUp, Installation, StartReport } from './main.ts'

export type DetachedOrder = Readonly<{ plan: ServerPlan; installation: Installation }>
export type DetachedMessage = Readonly<{ type: 'group-up'; group: GroupUp } | { type: 'started'; report: StartReport }>

/** The built program beside this file. */
const program = fileURLToPath(new URL('./detached.js', import.meta.url))

/**
 * Starts a supervisor in a session of its own. It stays when this process ends.
 *
 * @param groupUp gets each group that comes up meanwhile
 * @throws Error when its log cannot be opened, or when it ends without a report
 */
export async function launchDetached(
  plan: ServerPlan,
  installation: Installation,
  groupUp: (group: GroupUp) => void,
): Promise<StartReport> {
  const log = plan.logDir === '-' ? 'inherit' : openServerLog(plan.logDir)
  const child = spawn(process.execPath, [program], { cwd: '/', detached: true, stdio: ['ignore', log, log, 'ipc'] })
  if (typeof log === 'number') closeSync(log)
  const order: DetachedOrder = { plan, installation }
  child.send(order)
  const report = await reportOf(child, groupUp)
  child.unref()
  return report
}

function reportOf(child: ChildProcess, groupUp: (group: GroupUp) => void): Promise<StartReport> {
  return new Promise((resolve, reject) => {
    child.on('message', (said) => {
      // What it sends is of this package and this version.
      const message = said as DetachedMessage
      if (message.type === 'started') resolve(message.report)
      else groupUp(message.group)
    })
    child.once('error', reject)
    child.once('exit', (code, signal) => {
      reject(
        new Error(`the supervisor ended while it started (${signal ?? `exit code ${code ?? 'unknown'}`}); see its log`),
      )
    })
  })
}
