import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { readFileSync } from 'node:fs'
import {
  bareFrame,
  creditFrame,
  frameHeader,
  FromWorkerKind,
  helloFrame,
  ONCE,
  parseFrames,
  requestFrame,
  requestStreamFrame,
  ToWorkerKind,
} from './frames.ts'

type Run = [string, number]
type VectorFrame = {
  kind: string
  id?: number
  router?: number
  firstCredit?: number
  head?: string
  body?: string | Run
  once?: boolean
  amount?: number
}
type Vector = { name: string; frame: VectorFrame; hex: string | [string, string, number] }

// The same file is read by test/worker/test_frames.py: both sides agree, or one of the tests fails.
const vectors = JSON.parse(readFileSync(new URL('../../test/vectors/frames.json', import.meta.url), 'utf8')) as {
  toWorker: Vector[]
  fromWorker: Vector[]
}

const bytesOf = ({ hex }: Vector): Buffer =>
  Buffer.from(typeof hex === 'string' ? hex : hex[0] + hex[1].repeat(hex[2]), 'hex')
const textOf = (body: string | Run | undefined): string =>
  Array.isArray(body) ? body[0].repeat(body[1]) : (body ?? '')

function encode(frame: VectorFrame): string {
  const { id = 0, head = '', once = false } = frame
  const flags = once ? ONCE : 0
  switch (frame.kind) {
    case 'hello':
      return helloFrame(frame.router ?? 0, frame.firstCredit ?? 0)
    case 'request':
      return requestFrame(id, head, textOf(frame.body), flags)
    case 'requestStream':
      return requestStreamFrame(id, head, flags)
    case 'data':
      return frameHeader(ToWorkerKind.data, id, textOf(frame.body).length) + textOf(frame.body)
    case 'credit':
      return creditFrame(id, frame.amount ?? 0)
    default:
      return bareFrame(ToWorkerKind[frame.kind as 'end' | 'abort' | 'recall'], id)
  }
}

test.each(vectors.toWorker)('the router writes $name as the protocol says', (vector) => {
  expect(Buffer.from(encode(vector.frame), 'latin1').toString('hex')).toBe(bytesOf(vector).toString('hex'))
})

test.each(vectors.fromWorker)('the router reads $name as the protocol says', (vector) => {
  const input = bytesOf(vector)
  const seen: { kind: number; id: number; payload: Buffer }[] = []
  const range = { start: 0, filled: input.length, largest: 1_000_000 }
  const rest = parseFrames(input, range, {
    frame: (kind, id, bytes, { start, end }) => seen.push({ kind, id, payload: bytes.subarray(start, end) }),
  })
  expect(rest).toBe(input.length)
  expect(seen).toHaveLength(1)
  expect(seen[0]).toMatchObject({
    kind: FromWorkerKind[vector.frame.kind as keyof typeof FromWorkerKind],
    id: vector.frame.id ?? 0,
  })
  expect(seen[0]?.payload.equals(input.subarray(8))).toBe(true)
})

test('frames are found whole however the stream is cut', () => {
  const stream = Buffer.concat(vectors.fromWorker.map(bytesOf))
  fc.assert(
    fc.property(fc.array(fc.integer({ min: 1, max: stream.length }), { maxLength: 12 }), (cuts) => {
      const ids: number[] = []
      let start = 0
      for (const filled of [...cuts.sort((a, b) => a - b), stream.length]) {
        start = parseFrames(stream, { start, filled, largest: 1_000_000 }, { frame: (_kind, id) => ids.push(id) })
        expect(start).toBeLessThanOrEqual(filled)
      }
      expect(ids).toEqual(vectors.fromWorker.map(({ frame }) => frame.id ?? 0))
    }),
  )
})

test('a frame larger than allowed is a violation and nothing of it is handed on', () => {
  const input = Buffer.from(frameHeader(FromWorkerKind.data, 1, 5000), 'latin1')
  const sink = {
    frame: () => {
      throw new Error('handed on')
    },
  }
  expect(() => parseFrames(input, { start: 0, filled: 8, largest: 4999 }, sink)).toThrow('a frame of 5000 bytes')
})
