// What a supervisor lays out outside of its run-dir is found and removed by it, or by the next one.
import { existsSync, mkdirSync, mkdtempSync, readlinkSync, rmSync, symlinkSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import type { ServerPlan } from '../plan/plan.ts'
import { clearRunDir, layOutRunDir, scoreboardIn } from './run-dir.ts'

const runDir = mkdtempSync(join(tmpdir(), 'wsgid-run-dir-'))
afterAll(() => rmSync(runDir, { recursive: true }))

test('the directory of scoreboards is gone after a stop, and that of a supervisor that was killed after the next start', () => {
  const plan = { runDir, privileged: false } as ServerPlan
  const code = join(import.meta.dirname, '../worker')
  layOutRunDir(plan, code)
  const killed = readlinkSync(join(runDir, 'shared'))
  writeFileSync(scoreboardIn(runDir, 'one'), 'left')
  expect(existsSync(join(killed, 'one'))).toBe(true)
  layOutRunDir(plan, code)
  const next = readlinkSync(join(runDir, 'shared'))
  expect([existsSync(killed), existsSync(next)]).toEqual([false, true])
  clearRunDir(runDir)
  expect([existsSync(next), existsSync(join(runDir, 'shared'))]).toEqual([false, false])
})

test('what else a link in the run-dir leads to is left alone', () => {
  const precious = join(runDir, 'precious')
  mkdirSync(precious)
  symlinkSync(precious, join(runDir, 'shared'))
  clearRunDir(runDir)
  expect([existsSync(precious), existsSync(join(runDir, 'shared'))]).toEqual([true, false])
})
