import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { AccessFrame, AccessFrameReader, type AccessLines } from './access-frames.ts'

const someLines = fc
  .array(fc.string({ unit: 'binary-ascii' }), { minLength: 1, maxLength: 5 })
  .map((lines) => `${lines.join('\n')}\n`)
const someFrames = fc.array(fc.tuple(fc.constantFrom('', 'a', 'site-1'), someLines), { maxLength: 10 })

/** A frame of these lines. */
function framed(log: string, lines: string): Buffer {
  const frame = new AccessFrame(log, 0)
  frame.append(lines)
  return frame.finish()
}

const asText = ({ log, lines }: AccessLines): [string, string] => [log, lines.toString('latin1')]

test('frames come out as they went in, wherever the pipe cuts them', () => {
  fc.assert(
    fc.property(someFrames, fc.integer({ min: 1, max: 20 }), (frames, step) => {
      const bytes = Buffer.concat(frames.map(([log, lines]) => framed(log, lines)))
      const reader = new AccessFrameReader()
      const read = []
      for (let at = 0; at < bytes.length; at += step) read.push(...(reader.push(bytes.subarray(at, at + step)) ?? []))
      expect(read.map(asText)).toEqual(frames)
    }),
  )
})

test('a frame takes lines as long as there is room, and its first line always', () => {
  const someLine = fc.integer({ min: 0, max: 3000 }).map((length) => `${'x'.repeat(length)}\n`)
  const someRoom = fc.integer({ min: 0, max: 8000 })
  fc.assert(
    fc.property(fc.array(someLine, { minLength: 1, maxLength: 20 }), someRoom, (lines, room) => {
      const frame = new AccessFrame('site-1', room)
      const refused = lines.findIndex((line) => !frame.append(line))
      const taken = refused < 0 ? lines : lines.slice(0, refused)
      const bytes = frame.finish()
      expect(taken.length).toBeGreaterThan(0)
      expect(new AccessFrameReader().push(bytes)?.map(asText)).toEqual([['site-1', taken.join('')]])
      if (taken.length > 1) expect(bytes.length).toBeLessThanOrEqual(room)
      if (refused >= 0) expect(bytes.length + (lines[refused]?.length ?? 0)).toBeGreaterThan(room)
    }),
  )
})

test.each([
  ['no line feed at its end', framed('', 'half a line')],
  ['nothing in it', Buffer.alloc(5)],
  ['an impossible length', Buffer.from('\xff\xff\xff\xff\0', 'latin1')],
])('a frame with %s is not believed', (_what, frame) => {
  expect(new AccessFrameReader().push(frame)).toBeNull()
})
