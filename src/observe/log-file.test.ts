import { once } from 'node:events'
import {
  mkdirSync,
  mkdtempSync,
  readdirSync,
  readFileSync,
  renameSync,
  rmSync,
  statSync,
  symlinkSync,
  writeFileSync,
} from 'node:fs'
import { tmpdir } from 'node:os'
import { basename, join } from 'node:path'
import { PassThrough } from 'node:stream'
import { afterAll, expect, test } from '@jest/globals'
import { captureOutput } from './capture.ts'
import { LogFile } from './log-file.ts'
import { Logs } from './logs.ts'
import { bytes } from '../units.ts'

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

/** All lines of a log, the oldest file first, and how many files there are. */
function everything(path: string) {
  const files = readdirSync(directory).filter((name) => name.startsWith(basename(path)))
  const age = (name: string): number => Number(name.slice(basename(path).length + 1))
  const texts = files.toSorted((a, b) => age(b) - age(a)).map((name) => read(join(directory, name)))
  return { files: files.length, sizes: texts.map(({ length }) => length), lines: texts.join('').match(/line \d+/g) }
}

test('a log that is rotated by its size loses no line and keeps their order', async () => {
  const path = join(directory, 'sized.log')
  const log = new LogFile(path, { rotation: { size: bytes(64 * 1024), count: 1000 } })
  const written: string[] = []
  for (let number = 0; number < 30_000; number += 1) {
    written.push(`line ${number}`)
    log.write('info', {}, `line ${number}`)
    // In bursts of several files: what waits when one is put aside must not be lost with it.
    if (number % 5000 === 0) await new Promise<void>((resume) => log.whenDrained(resume))
  }
  await log.close()
  const { files, lines } = everything(path)
  expect(lines).toEqual(written)
  expect(files).toBeGreaterThan(2)
})

test('of a log that is rotated by its size only so many old files are kept, each not much larger than that', async () => {
  const path = join(directory, 'bounded.log')
  const size = 64 * 1024
  const log = new LogFile(path, { rotation: { size: bytes(size), count: 3 } })
  const line = 'x'.repeat(4000)
  for (let number = 0; number < 400; number += 1) {
    log.write('info', {}, `line ${number} ${line}`)
    await new Promise<void>((resume) => log.whenDrained(resume))
  }
  await log.close()
  const { files, sizes, lines } = everything(path)
  expect(files).toBe(4)
  expect(Math.max(...sizes)).toBeLessThan(2 * size)
  expect(lines?.at(-1)).toBe('line 399')
})

test('what stood in a log at its opening counts, and a rotation that is set later holds', async () => {
  const path = join(directory, 'later.log')
  writeFileSync(path, 'x'.repeat(70_000))
  const log = new LogFile(path)
  log.write('info', {}, 'line 1')
  await new Promise<void>((resume) => log.whenDrained(resume))
  expect(everything(path).files).toBe(1)
  log.rotateBy({ size: bytes(64 * 1024), count: 2 })
  log.write('info', {}, 'line 2')
  await new Promise<void>((resume) => log.whenDrained(resume))
  log.write('info', {}, 'line 3')
  await log.close()
  expect(read(`${path}.1`)).toMatch(/line 1\n.*line 2\n$/)
  expect(read(path)).toMatch(/^\S+ \[info\] line 3\n$/)
})

test('a log that cannot be renamed grows on and says so', async () => {
  const path = join(directory, 'stuck.log')
  mkdirSync(join(`${path}.1`, 'in the way'), { recursive: true })
  const log = new LogFile(path, { rotation: { size: bytes(64 * 1024), count: 1 } })
  log.write('info', {}, `line 1 ${'x'.repeat(70_000)}`)
  await new Promise<void>((resume) => log.whenDrained(resume))
  log.write('info', {}, 'line 2')
  await log.close()
  expect(read(path)).toMatch(/cannot rotate .*stuck\.log: .*EISDIR.*; it grows on\n.*line 2\n$/)
})

test('a log that somebody removed is there again when it would be rotated, and no old one has gone for it', async () => {
  const path = join(directory, 'removed.log')
  writeFileSync(`${path}.1`, 'old\n')
  const log = new LogFile(path, { rotation: { size: bytes(64 * 1024), count: 1 } })
  rmSync(path)
  log.write('info', {}, 'x'.repeat(70_000))
  await new Promise<void>((resume) => log.whenDrained(resume))
  log.write('info', {}, 'line 2')
  await log.close()
  expect(read(path)).toMatch(/^\S+ \[info\] line 2\n$/)
  expect(read(`${path}.1`)).toBe('old\n')
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
