import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { findTool } from '../launch/tools.ts'
import { claimPidFile, readPidFile } from './pid-file.ts'

const directory = mkdtempSync(join(tmpdir(), 'wsgid-pid-'))
afterAll(() => rmSync(directory, { recursive: true }))
const flock = findTool('flock', 'util-linux')

function claimed(path: string) {
  const claim = claimPidFile(path, flock)
  if (!claim.ok) throw new Error('somebody else has it')
  return claim
}

test('of two that start at once one wins, and the other learns the pid', () => {
  const path = join(directory, 'two')
  const claim = claimed(path)
  expect(claim.formerDied).toBe(false)
  expect(readFileSync(path, 'utf8').split('\n')[0]).toBe(String(process.pid))
  expect(claimPidFile(path, flock)).toEqual({ ok: false, pid: process.pid })
  claim.release()
  expect(existsSync(path)).toBe(false)
})

test('a stale pid file is not believed, even when its pid is in use again', () => {
  const path = join(directory, 'stale')
  writeFileSync(path, `${process.pid}\n1\n`)
  expect(readPidFile(path)).toBeNull()
  const claim = claimed(path)
  expect(claim.formerDied).toBe(true)
  expect(readPidFile(path)).toBe(process.pid)
  claim.release()
})

test('a pid of a process that is gone, or no file at all, is nobody', () => {
  const path = join(directory, 'gone')
  expect(readPidFile(path)).toBeNull()
  writeFileSync(path, `${2 ** 22 + 1}\n1\n`)
  expect(readPidFile(path)).toBeNull()
})

test('whoever comes after a release starts afresh', () => {
  const path = join(directory, 'again')
  claimed(path).release()
  const claim = claimed(path)
  expect(claim.formerDied).toBe(false)
  claim.release()
})
