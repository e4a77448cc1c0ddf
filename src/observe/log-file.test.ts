import { once } from 'node:events'
import { mkdtempSync, readFileSync, renameSync, rmSync, statSync, symlinkSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterAll, expect, test } from '@jest/globals'
import { captureOutput } from './capture.ts'
import { LogFile } from './log-file.ts'
import { Logs } from './logs.ts'

const directory = mkdtempSync(join(tmpdir(), 'wsgid-log-'))
afterAll(() => rmSync(directory, { recursive: true }))
const read = (path: string): string => readFileSync(path, 'utf8')

test('lines are appended in order, and others cannot read them', async () => {
  const path = join(directory, 'order.log')
  const log = new LogFile(path)
  for (let number = 0; number < 1000; number += 1) log.write('info', {}, `line ${number}`)
  await log.close()
  expect(read(path).match(/line \d+/g)).toEqual(Array.from({ length: 1000 }, (_, number) => `line ${number}`))
  expect(statSync(path).mode & 0o027).toBe(0)
})

test('after a rotation and reopen, new lines go to the new file', async () => {
  const path = join(directory, 'rotated.log')
  const log = new LogFile(path)
  log.write('info', {}, 'before')
  renameSync(path, `${path}.1`)
  log.reopen()
  log.write('info', {}, 'after')
  await log.close()
  expect(read(path)).toMatch(/^\S+ \[info\] after\n$/)
})

test('a link in place of a log is refused', () => {
  const path = join(directory, 'linked.log')
  symlinkSync(join(directory, 'victim'), path)
  expect(() => new LogFile(path)).toThrow(/ELOOP/)
})

test('a full disk stops nobody: lines are dropped, who waits goes on, and the loss is told when it works again', async () => {
  // /dev/full answers every write with ENOSPC; the log is reopened elsewhere by a link that changes under it.
  const path = join(directory, 'full')
  symlinkSync('/dev', path)
  const log = new LogFile(join(path, 'full'))
  log.write('info', {}, 'first')
  await new Promise<void>((resume) => log.whenDrained(resume))
  expect(log.write('info', {}, 'second')).toBe(true)
  expect(log.write('info', {}, 'third')).toBe(true)
  rmSync(path)
  const good = mkdtempSync(join(directory, 'good-'))
  symlinkSync(good, path)
  log.reopen()
  log.write('info', {}, 'fourth')
  await log.close()
  expect(read(join(good, 'full'))).toMatch(/2 lines of this log were lost: ENOSPC.*\n.*fourth\n$/)
})

test('a child whose log is behind waits, and loses nothing', async () => {
  const path = join(directory, 'busy.log')
  const log = new LogFile(path)
  const output = new PassThrough()
  captureOutput(output, log, { level: 'stdout', speaker: { group: 'a' } })
  for (let number = 0; number < 20_000; number += 1) {
    if (!output.write(`a line of the child ${number}\n`)) await once(output, 'drain')
  }
  output.end()
  await once(output, 'end')
  await log.close()
  expect(read(path).match(/\n/g)).toHaveLength(20_000)
})

test('each group has its own log beside the server’s', async () => {
  const logs = new Logs(join(directory, 'logs'))
  logs.group('site-1').write('stdout', { group: 'site-1' }, 'of the group')
  logs.say('info', {}, 'of the server')
  await logs.close()
  expect(read(join(directory, 'logs', 'site-1.log'))).toContain('of the group')
  expect(read(join(directory, 'logs', 'wsgid.log'))).toContain('of the server')
})

test('lines of a group whose log cannot be opened stand in the server’s, with the reason', async () => {
  const place = mkdtempSync(join(directory, 'planted-'))
  symlinkSync('/dev/null', join(place, 'site-1.log'))
  const logs = new Logs(place)
  logs.group('site-1').write('stdout', { group: 'site-1' }, 'hello')
  await logs.close()
  expect(read(join(place, 'wsgid.log'))).toMatch(/group=site-1 cannot open its log: .*ELOOP.*\n.*group=site-1 hello\n$/)
})
