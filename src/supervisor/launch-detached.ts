// Starts a supervisor in the background and waits until it says how the start went.
import { spawn, type ChildProcess } from 'node:child_process'
import { closeSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { openServerLog } from '../observe/logs.ts'
import type { ServerPlan } from '../plan/plan.ts'
import type { Installation, StartReport } from './main.ts'

export type DetachedOrder = Readonly<{ plan: ServerPlan; installation: Installation }>
export type DetachedReport = StartReport

/** The built program beside this file. */
const program = fileURLToPath(new URL('./detached.js', import.meta.url))

/**
 * Starts a supervisor in a session of its own. It stays when this process ends.
 *
 * @throws Error when its log cannot be opened, or when it ends without a report
 */
export async function launchDetached(plan: ServerPlan, installation: Installation): Promise<StartReport> {
  const log = plan.logDir === '-' ? 'inherit' : openServerLog(plan.logDir)
  const child = spawn(process.execPath, [program], { cwd: '/', detached: true, stdio: ['ignore', log, log, 'ipc'] })
  if (typeof log === 'number') closeSync(log)
  const order: DetachedOrder = { plan, installation }
  child.send(order)
  const report = await reportOf(child)
  child.unref()
  return report
}

function reportOf(child: ChildProcess): Promise<StartReport> {
  return new Promise((resolve, reject) => {
    // What it sends is of this package and this version.
    child.once('message', (report) => resolve(report as DetachedReport))
    child.once('error', reject)
    child.once('exit', (code, signal) => {
      reject(
        new Error(`the supervisor ended while it started (${signal ?? `exit code ${code ?? 'unknown'}`}); see its log`),
      )
    })
  })
}
