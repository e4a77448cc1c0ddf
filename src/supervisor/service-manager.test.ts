import { afterEach, beforeEach, expect, jest, test } from '@jest/globals'
import { ServiceManager } from './service-manager.ts'

beforeEach(() => void jest.useFakeTimers({ doNotFake: ['hrtime', 'queueMicrotask', 'nextTick'] }))
afterEach(() => void jest.useRealTimers())

/** A service manager that keeps what it is told. */
function told(environment: Readonly<Record<string, string>> = {}) {
  const messages: string[] = []
  const troubles: string[] = []
  const send = (message: string): Promise<void> => {
    messages.push(message)
    return Promise.resolve()
  }
  const manager = new ServiceManager({ send, environment, trouble: (text) => troubles.push(text) })
  /** What it was told since the last time. */
  const news = async (): Promise<readonly string[]> => {
    await manager.close()
    return messages.splice(0)
  }
  return { manager, news, troubles }
}

test('ready tells that it is, and how', async () => {
  const { manager, news } = told()
  manager.ready('serving 2 groups')
  expect(await news()).toEqual(['READY=1\nSTATUS=serving 2 groups'])
})

test('starting asks for the time that a worker may take and ten seconds more, anew when something happens after those ten', async () => {
  const { manager, news } = told()
  const extension = 'EXTEND_TIMEOUT_USEC=610000000'
  manager.starting(600_000)
  expect(await news()).toEqual([extension])
  jest.advanceTimersByTime(10_000)
  manager.changed(() => 'not yet')
  expect(await news()).toEqual([])
  jest.advanceTimersByTime(1)
  for (const _ of ['a worker crashes', 'another one starts']) manager.changed(() => 'not yet')
  expect(await news()).toEqual([extension])
  manager.changed(() => 'well')
  manager.ready('well')
  jest.advanceTimersByTime(1000)
  expect(await news()).toEqual(['READY=1\nSTATUS=well'])
})

test('a start that is broken off asks for the time of the stop only', async () => {
  const { manager, news } = told()
  manager.starting(600_000)
  manager.stopping(20_000, 'stopping')
  manager.changed(() => 'changed')
  jest.advanceTimersByTime(1000)
  expect((await news()).slice(1)).toEqual(['STOPPING=1\nEXTEND_TIMEOUT_USEC=30000000\nSTATUS=stopping'])
})

test('a status cannot smuggle in an assignment by a line feed', async () => {
  const { manager, news } = told()
  manager.ready('failing: a\nREADY=0\r\n  MAINPID=1')
  expect(await news()).toEqual(['READY=1\nSTATUS=failing: a READY=0 MAINPID=1'])
})

test('of a burst of changes only the outcome is told, once', async () => {
  const { manager, news } = told()
  manager.ready('before')
  let status = 'first'
  const reads: string[] = []
  const read = (): string => {
    reads.push(status)
    return status
  }
  for (const next of ['second', 'third', 'last']) {
    manager.changed(read)
    status = next
  }
  jest.advanceTimersByTime(1000)
  expect(reads).toEqual(['last'])
  expect((await news()).slice(1)).toEqual(['STATUS=last'])
})

test('a change that leaves the status as it was is not told, and none before it is ready', async () => {
  const { manager, news } = told()
  manager.changed(() => 'too early')
  jest.advanceTimersByTime(1000)
  manager.ready('all is well')
  manager.changed(() => 'all is well')
  jest.advanceTimersByTime(1000)
  expect(await news()).toEqual(['READY=1\nSTATUS=all is well'])
})

test('a reload has a beginning, with the time of the monotonic clock, and an end; those that overlap are one', async () => {
  const { manager, news } = told()
  manager.ready('well')
  const before = process.hrtime.bigint() / 1000n
  const [first, second] = [manager.reloading(), manager.reloading()]
  first.done()
  second.done()
  const [, begun, ended, ...rest] = await news()
  const [, microseconds = ''] = /^RELOADING=1\nMONOTONIC_USEC=(\d+)$/.exec(begun ?? '') ?? []
  expect(BigInt(microseconds)).toBeGreaterThanOrEqual(before)
  expect(BigInt(microseconds)).toBeLessThanOrEqual(process.hrtime.bigint() / 1000n)
  expect([ended, rest]).toEqual(['READY=1', []])
})

test('stopping asks for the time that the groups need and ten seconds more; nothing makes it ready again', async () => {
  const { manager, news } = told()
  manager.ready('well')
  const reload = manager.reloading()
  manager.changed(() => 'changed')
  manager.stopping(20_000, 'stopping')
  reload.done()
  jest.advanceTimersByTime(1000)
  expect((await news()).slice(2)).toEqual(['STOPPING=1\nEXTEND_TIMEOUT_USEC=30000000\nSTATUS=stopping'])
})

test.each([
  ['of this process', { WATCHDOG_USEC: '2000000', WATCHDOG_PID: String(process.pid) }, 3],
  ['of whoever is there', { WATCHDOG_USEC: '2000000' }, 3],
  ['of another process', { WATCHDOG_USEC: '2000000', WATCHDOG_PID: '1' }, 0],
  ['without a time', {}, 0],
  ['with no number', { WATCHDOG_USEC: 'soon' }, 0],
  ['longer than a timer can be', { WATCHDOG_USEC: '9'.repeat(15) }, 0],
])('the watchdog %s is told in half of its time that the process lives', async (_, environment, times) => {
  const { news } = told(environment)
  jest.advanceTimersByTime(3500)
  expect(await news()).toEqual(Array.from({ length: times }, () => 'WATCHDOG=1'))
  jest.advanceTimersByTime(3500)
  expect(await news()).toEqual([])
})

test('messages are sent one after the other, and closing waits for the last', async () => {
  const sent: string[] = []
  const gates: (() => void)[] = []
  const send = (message: string): Promise<void> =>
    new Promise((resolve) => {
      sent.push(message)
      gates.push(resolve)
    })
  const manager = new ServiceManager({ send, environment: {}, trouble: () => undefined })
  manager.ready('a')
  manager.stopping(0, 'b')
  let isClosed = false
  const closing = manager.close().then(() => (isClosed = true))
  await Promise.resolve()
  expect(sent).toHaveLength(1)
  gates[0]?.()
  await new Promise((resolve) => process.nextTick(resolve))
  expect([sent.length, isClosed]).toEqual([2, false])
  gates[1]?.()
  await closing
})

test('what cannot be told is said once and stops nobody', async () => {
  const troubles: string[] = []
  const send = () => Promise.reject(new Error('ECONNREFUSED'))
  const manager = new ServiceManager({ send, environment: {}, trouble: (text) => troubles.push(text) })
  manager.ready('a')
  manager.stopping(0, 'b')
  await manager.close()
  expect(troubles).toEqual(['cannot tell systemd: ECONNREFUSED'])
})

test('without a service manager nothing is read, timed or told', async () => {
  const unexpected = (): never => {
    throw new Error('asked')
  }
  const environment = { WATCHDOG_USEC: '1000' }
  const manager = new ServiceManager({ send: null, environment, trouble: unexpected })
  manager.ready('a')
  manager.changed(unexpected)
  manager.reloading().done()
  manager.stopping(0, 'b')
  expect(jest.getTimerCount()).toBe(0)
  await manager.close()
})
