// What routers make of the places on a scoreboard, real files.
import { mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { isBegun } from '../protocol/scoreboard.ts'
import { NOWHERE, readScoreboard } from './scoreboard.ts'

const directory = mkdtempSync(join(tmpdir(), 'wsgid-scoreboard-'))
afterAll(() => rmSync(directory, { recursive: true }))

// Written by test/worker/test_scoreboard.py as well.
const vector = JSON.parse(readFileSync(new URL('../../test/vectors/scoreboard.json', import.meta.url), 'utf8')) as {
  begun: number
  offset: number
  serial: number
  place: string
}

function aScoreboard(name: string): string {
  const path = join(directory, name)
  writeFileSync(path, Buffer.concat([Buffer.alloc(vector.offset), Buffer.from(vector.place, 'hex')]))
  return path
}

test('the request that a worker has begun last is read from its place', () => {
  expect(readScoreboard(aScoreboard('read'), vector)).toEqual({ lastBegun: vector.begun, fault: '' })
})

test.each([
  ['of another connection now', 'other', { ...vector, serial: vector.serial + 1 }, /taken/],
  ['behind the end of the file', 'short', { ...vector, offset: vector.offset + 4 }, /taken/],
  ['of a worker that has none', 'none', NOWHERE, /has no scoreboard/],
])('from a place %s nothing is concluded', (_, name, place, fault) => {
  expect(readScoreboard(aScoreboard(name), place)).toEqual({
    lastBegun: undefined,
    fault: expect.stringMatching(fault) as unknown,
  })
})

test('of a scoreboard that is gone the reason is told', () => {
  expect(readScoreboard(join(directory, 'gone'), vector).fault).toMatch(/ENOENT/)
})

test.each([
  [1, 0, false],
  [0xffff_ffff, 0, false],
  [5, 5, true],
  [4, 5, true],
  [6, 5, false],
  [0xffff_ffff, 2, true],
  [2, 0xffff_ffff, false],
])('request %d is begun when %d was the last: %s', (id, lastBegun, begun) => {
  expect(isBegun(id, lastBegun)).toBe(begun)
})
