import { expect, test } from '@jest/globals'
import fc from 'fast-check'
import { AccessFrameReader, accessFrame } from './access-frames.ts'

const someLines = fc
  .array(fc.string({ unit: 'binary-ascii' }), { minLength: 1, maxLength: 5 })
  .map((lines) => `${lines.join('\n')}\n`)
const someFrames = fc.array(fc.tuple(fc.constantFrom('', 'a', 'site-1'), someLines), { maxLength: 10 })

test('frames come out as they went in, wherever the pipe cuts them', () => {
  fc.assert(
    fc.property(someFrames, fc.integer({ min: 1, max: 20 }), (frames, step) => {
      const bytes = Buffer.from(frames.map(([log, lines]) => accessFrame(log, lines)).join(''), 'latin1')
      const reader = new AccessFrameReader()
      const read = []
      for (let at = 0; at < bytes.length; at += step) read.push(...(reader.push(bytes.subarray(at, at + step)) ?? []))
      expect(read).toEqual(frames.map(([log, lines]) => ({ log, lines })))
    }),
  )
})

test.each([
  ['no line feed at its end', accessFrame('', 'half a line')],
  ['nothing in it', accessFrame('', '')],
  ['an impossible length', '\xff\xff\xff\xff\0'],
])('a frame with %s is not believed', (_what, frame) => {
  expect(new AccessFrameReader().push(Buffer.from(frame, 'latin1'))).toBeNull()
})
