// What a dispatcher makes of what workers send: responses, refusals, and violations of the protocol.
import { expect, test } from '@jest/globals'
import { aRouter, send, stubbornClient, unknownWorker, until } from '../../test/support/scripted-router.ts'
import { u32, type ScriptedWorker } from '../../test/support/scripted-worker.ts'
import { FromWorkerKind, ToWorkerKind } from '../protocol/frames.ts'

test.each<[string, (worker: ScriptedWorker, id: number) => void]>([
  ['a kind that does not exist', (worker, id) => worker.send(31, id)],
  ['a response shorter than its own lengths', (worker, id) => worker.send(FromWorkerKind.response, id, 'abc')],
  [
    'a head longer than the frame',
    (worker, id) => worker.send(FromWorkerKind.response, id, `${u32(1)}${u32(99)}200\0OK`),
  ],
  ['body without a head', (worker, id) => worker.send(FromWorkerKind.data, id, 'x')],
])('a worker that sends %s loses its connection, and other groups notice nothing', async (_name, misbehave) => {
  const [router, worker] = await aRouter([1], { responseBufferSize: 1 })
  const answer = send(router, 'POST')
  const { id } = await worker.nextRequest()
  misbehave(worker, id)
  const { status, complete } = await answer
  expect(status === 502 || !complete).toBe(true)
  expect(router.lost).toEqual([expect.stringContaining('protocol violation')])
})

test.each([
  ['a header name that is none', '200\0OK\0Bad Name\0x'],
  ['a line break in a value', '200\0OK\0X\0a\r\nSet-Cookie: b'],
  ['a status of the server', '101\0Switching'],
  ['two lengths', '200\0OK\0Content-Length\x001\0content-length\x002'],
  ...['Connection', 'Keep-Alive', 'Transfer-Encoding', 'Upgrade', 'TE', 'Trailer', 'Proxy-Authenticate'].map(
    (name): [string, string] => [`the header ${name}, which is the server's`, `200\0OK\0${name}\0x`],
  ),
])('a response head with %s is answered 502 and splits no response', async (_name, head) => {
  const [router, worker] = await aRouter([1])
  const answer = send(router)
  worker.respond((await worker.nextRequest()).id, '', head)
  expect(await answer).toMatchObject({ status: 502 })
})

test('a response shorter than its Content-Length is an error, a longer one is cut', async () => {
  const [router, worker] = await aRouter([1])
  const short = send(router)
  worker.respond((await worker.nextRequest()).id, 'abc', '200\0OK\0Content-Length\x005')
  expect(await short).toMatchObject({ status: 502 })
  const long = send(router)
  worker.respond((await worker.nextRequest()).id, 'abcdefgh', '200\0OK\0Content-Length\x005')
  expect(await long).toMatchObject({ status: 200, body: 'abcde' })
})

test('a large upload stops at the credit and goes on as the worker reads', async () => {
  const [router, worker] = await aRouter([1])
  const body = Buffer.alloc(600_000, 'u')
  const answer = send(router, 'PUT', body)
  const { id } = await worker.next(ToWorkerKind.requestStream)
  let received = 0
  const receive = async (until: number): Promise<void> => {
    while (received < until) received += (await worker.next(ToWorkerKind.data)).payload.length
  }
  await receive(262_144)
  await new Promise(setImmediate)
  expect(received).toBe(262_144)
  expect(worker.unread).toEqual([])
  worker.send(FromWorkerKind.credit, id, u32(400_000))
  await receive(600_000)
  await worker.next(ToWorkerKind.end)
  worker.respond(id, 'thanks')
  expect(await answer).toMatchObject({ status: 200, body: 'thanks' })
})

test('a worker that sends more than it has credit for loses its connection', async () => {
  const [router, worker] = await aRouter([1], { responseBufferSize: 1 })
  const client = stubbornClient(router)
  const { id } = await worker.nextRequest()
  worker.begin(id)
  // The kernel takes some of it for the client.
  for (let sent = 0; sent < 16_777_216; sent += 262_144) worker.send(FromWorkerKind.data, id, 'x'.repeat(262_144))
  await until(() => router.lost.length > 0)
  expect(router.lost).toEqual(['protocol violation: more response bytes than it had credit for'])
  client.destroy()
})

test('a script that its owner may not have written is answered 403', async () => {
  const [router, worker] = await aRouter([1])
  const answer = send(router)
  worker.send(FromWorkerKind.failed, (await worker.nextRequest()).id, `${u32(9)}\x06\0script-user`)
  expect(await answer).toMatchObject({ status: 403 })
})

test('a process that answers for another one loses the connection', async () => {
  const [router] = await aRouter([])
  const impostor = await unknownWorker(router, 4, 1)
  router.dispatcher.addWorker({ ...impostor.address, pid: 5 })
  await until(() => router.lost.length > 0)
  expect(router.lost[0]).toContain('process 1004 answers for 5')
})
