// Options about how many workers there are, and how they come into being. One server with a group for each.
import { readFileSync } from 'node:fs'
import { expect } from '@jest/globals'
import { aGroupAt } from '../support/a-group.ts'
import { makeGate } from '../support/gate.ts'
import { request } from '../support/http.ts'
import { makeSite } from '../support/site.ts'
import { startWsgid } from '../support/start-wsgid.ts'
import { forTheFile, test } from '../support/test.ts'

const theServer = forTheFile(async () => {
  const site = await makeSite()
  const notes = await site.directoryOf('www-data', 'notes')
  const hooked = (name: string, wanted: object) =>
    aGroupAt(name, 'hooked', { env: { NOTES: `${notes}/${name}` }, ...wanted })
  const scaled = { threads: 1, 'inactivity-timeout': '500ms' }
  return startWsgid({
    site,
    groups: [
      aGroupAt('on-demand', 'torture', { start: 'on-demand', 'inactivity-timeout': '500ms', processes: 2 }),
      aGroupAt('maximum-processes', 'torture', { ...scaled, 'maximum-processes': 3 }),
      aGroupAt('minimum-processes', 'torture', { ...scaled, processes: 3, 'minimum-processes': 2 }),
      aGroupAt('processes', 'torture', { processes: 3 }),
      hooked('preload', { preload: true, processes: 3 }),
      hooked('no-preload', { processes: 3 }),
    ],
    until: ({ groups }) => groups.every(({ name, state }) => state === (name === 'on-demand' ? 'idle' : 'running')),
  })
})

/** What the hooked application of a group noted: { loaded: [pids], post_fork: [pids] }. */
async function notesOf(group: string): Promise<Readonly<Record<string, readonly number[]>>> {
  const { site } = await theServer()
  const lines = readFileSync(site.path('notes', group), 'utf8').trimEnd().split('\n')
  const notes: Record<string, number[]> = {}
  for (const line of lines) {
    const [what = '', pid] = line.split(' in ')
    notes[what] = [...(notes[what] ?? []), Number(pid)]
  }
  return notes
}

async function pidsOf(group: string): Promise<readonly number[]> {
  return (await (await theServer()).pidsOf(group)).toSorted((a, b) => a - b)
}

test('start: an on-demand group runs from its first request until inactivity-timeout', async () => {
  const server = await theServer()
  expect(await server.group('on-demand')).toMatchObject({ state: 'idle', workers: [] })
  for (const round of ['first', 'second']) {
    const gate = await makeGate(server.site, round)
    const answer = request(server.url(`/on-demand${gate.path}`))
    await gate.untilBegun(1)
    expect(await server.group('on-demand')).toMatchObject({ state: 'running' })
    await gate.open()
    expect((await answer).status).toBe(200)
    await server.statusWhen('idle again', ({ groups }) =>
      groups.some(({ name, state, workers }) => name === 'on-demand' && state === 'idle' && workers.length === 0),
    )
  }
  const { lastExits } = await server.group('on-demand')
  expect(new Set(lastExits.map(({ reason }) => reason))).toEqual(new Set(['inactivity-timeout']))
})

test('processes: so many workers serve', async () => {
  expect(await pidsOf('processes')).toHaveLength(3)
})

/** Keeps so many requests of a group running or waiting; they are answered when the gate is opened. */
async function underLoad(group: string, requests: number) {
  const server = await theServer()
  const gate = await makeGate(server.site, group)
  const answers = Array.from(
    { length: requests },
    async () => (await request(server.url(`/${group}${gate.path}`))).status,
  )
  return { gate, answers }
}

async function untilReady(group: string, count: number): Promise<void> {
  const server = await theServer()
  await server.statusWhen(`${count} workers of ${group}`, ({ groups }) =>
    groups.some(({ name, workers }) => {
      const ready = workers.filter(({ state }) => state === 'ready')
      return name === group && ready.length === count && workers.length === count
    }),
  )
}

test('maximum-processes: the group grows up to it while requests wait, and shrinks again', async () => {
  const { gate, answers } = await underLoad('maximum-processes', 6)
  await gate.untilBegun(3)
  expect(await pidsOf('maximum-processes')).toHaveLength(3)
  await gate.open()
  expect(new Set(await Promise.all(answers))).toEqual(new Set([200]))
  await untilReady('maximum-processes', 1)
})

test('minimum-processes: the group shrinks down to it when it has little to do', async () => {
  const { gate, answers } = await underLoad('minimum-processes', 3)
  await gate.untilBegun(3)
  await gate.open()
  expect(new Set(await Promise.all(answers))).toEqual(new Set([200]))
  await untilReady('minimum-processes', 2)
  expect((await (await theServer()).group('minimum-processes')).state).toBe('running')
})

test('preload: the application is loaded once for all workers, and post_fork called in each', async () => {
  for (const group of ['preload', 'no-preload']) await untilReady(group, 3)
  const pids = await pidsOf('preload')
  const notes = await notesOf('preload')
  expect(notes['loaded']).toHaveLength(1)
  expect(pids).not.toContain(notes['loaded']?.[0])
  expect(notes['post_fork']?.toSorted((a, b) => a - b)).toEqual(pids)
  const without = await notesOf('no-preload')
  expect(without['loaded']?.toSorted((a, b) => a - b)).toEqual(await pidsOf('no-preload'))
  expect(without['post_fork']).toBeUndefined()
})
