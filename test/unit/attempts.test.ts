// The second attempt that an end-to-end test has is for a process that got its turn late. It hides no loss, and starts what a file shares anew.
import { EventEmitter, once as onceEmitted } from 'node:events'
import { existsSync, mkdtempSync, readdirSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import { makeGate } from '../support/gate.ts'
import { siteIn } from '../support/site.ts'
import { atEnd, attempt, conclusively, forTheFile } from '../support/test.ts'
import { expectNothingLost } from '../support/nothing-lost.ts'

/** A body that fails at its first attempt only. */
function once(fail: () => void | Promise<void>): () => Promise<void> {
  let attempts = 0
  return () => {
    attempts += 1
    return attempts === 1 ? Promise.resolve().then(fail) : Promise.resolve()
  }
}

const late = (): never => {
  throw new Error('late')
}

test('a test that failed for another reason passes at its second attempt', async () => {
  const body = once(late)
  await expect(attempt(body, 5)).rejects.toThrow('late')
  await attempt(body, 5)
})

test('a lost request, or one that was answered wrong, fails the second attempt too', async () => {
  const good = { ok: 5, wrong: 0, statuses: {}, errors: {}, slowestMs: 1 }
  for (const report of [
    { ...good, wrong: 1 },
    { ...good, statuses: { 502: 1 } },
    { ...good, errors: { ECONNRESET: 1 } },
    { failed: { 'wrong body': 1 } },
  ]) {
    const body = once(() => expectNothingLost(good, { failed: {} }, report))
    await expect(attempt(body, 5)).rejects.toThrow('toEqual')
    await expect(attempt(body, 5)).rejects.toThrow('toEqual')
  }
  expectNothingLost(good, { failed: {} })
})

test('what a server left behind fails the second attempt too', async () => {
  const ending = once(() => conclusively(late))
  const body = () => {
    atEnd(ending)
    return Promise.resolve()
  }
  await expect(attempt(body, 5)).rejects.toThrow('late')
  await expect(attempt(body, 5)).rejects.toThrow('late')
})

test('a test that still runs when its time is over gets no second attempt beside itself', async () => {
  let attempts = 0
  let finish = (): void => undefined
  const body = (): Promise<void> => {
    attempts += 1
    return new Promise((resolve) => (finish = resolve))
  }
  await expect(attempt(body, 0.01)).rejects.toThrow('took longer than 0.01 s')
  await expect(attempt(body, 0.01)).rejects.toThrow('has not come to its end')
  finish()
  expect(attempts).toBe(1)
})

test('a test whose endings still run gets no second attempt beside them, but one when they are over', async () => {
  const life = new EventEmitter()
  const finished = onceEmitted(life, 'finish')
  const ending = once(async () => {
    life.emit('ending')
    await finished
  })
  const body = () => {
    atEnd(ending)
    return Promise.resolve()
  }
  const isEnding = onceEmitted(life, 'ending')
  const first = attempt(body, 5)
  await isEnding
  await expect(attempt(body, 5)).rejects.toThrow('has not come to its end')
  life.emit('finish')
  await first
  await attempt(body, 5)
})

const directory = mkdtempSync(join(tmpdir(), 'wsgid-attempts-'))
afterAll(() => rmSync(directory, { recursive: true }))

test('a second attempt finds the places that it makes in the site of the file empty, and its gate shut', async () => {
  let fail: () => void = late
  const body = async () => {
    const site = siteIn(directory)
    const gate = await makeGate(site, 'gate')
    const notes = await site.directoryOf('www-data', 'notes')
    const blocking = new URL(gate.path, 'http://x').searchParams
    const begun = blocking.get('directory') ?? ''
    expect([gate.begun(), readdirSync(notes), existsSync(blocking.get('gate') ?? '')]).toEqual([0, [], false])
    for (const place of [begun, notes]) writeFileSync(`${place}/1`, '')
    await gate.open()
    fail()
  }
  await expect(attempt(body, 5)).rejects.toThrow('late')
  fail = () => undefined
  await attempt(body, 5)
})

const ended: string[] = []
let starts = 0
const startsLate = forTheFile(async () => {
  starts += 1
  const name = `start ${starts}`
  atEnd(() => Promise.resolve(void ended.push(name)))
  await Promise.resolve()
  if (starts === 1) throw new Error('late')
  return name
})
let failedStarts = 0
const neverStarts = forTheFile(() => Promise.reject<string>(new Error(`failed start ${(failedStarts += 1)}`)))
// Registered behind what forTheFile registered, and thus run after it.
afterAll(() => expect(ended).toEqual(['start 1', 'start 2']))

test('what a file shares is started once more when it could not be, and what the first start left is ended', async () => {
  await expect(startsLate()).rejects.toThrow('late')
  expect(ended).toEqual(['start 1'])
  expect([await startsLate(), await startsLate(), starts]).toEqual(['start 2', 'start 2', 2])
})

test('it is started twice at most, however many tests ask for it', async () => {
  for (const told of ['failed start 1', 'failed start 2', 'failed start 2'])
    await expect(neverStarts()).rejects.toThrow(told)
})
