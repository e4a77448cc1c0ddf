import { once } from 'node:events'
import { createServer, connect, type Socket } from 'node:net'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { afterAll, expect, test } from '@jest/globals'
import type { FromTemplate } from '../protocol/supervision.ts'
import { hearTemplate } from './control-lines.ts'

const directory = mkdtempSync(join(tmpdir(), 'wsgid-control-'))
afterAll(() => rmSync(directory, { recursive: true }))

/** What the supervisor hears when a template process writes these chunks and closes. */
async function heard(...chunks: readonly string[]): Promise<(FromTemplate | null)[]> {
  const server = createServer().listen(join(directory, 'control.sock'))
  const worker = connect(join(directory, 'control.sock'))
  const [supervisor] = (await once(server, 'connection')) as [Socket]
  const messages: (FromTemplate | null)[] = []
  hearTemplate(supervisor, 2, (message) => messages.push(message))
  for (const chunk of chunks) worker.write(chunk)
  worker.end()
  await once(supervisor, 'close')
  server.close()
  return messages
}

const loaded = { type: 'loaded', worker: 1, python: '3.11.2' }

test('messages come line by line, wherever they were cut', async () => {
  const line = `${JSON.stringify(loaded)}\n`
  expect(await heard(line.slice(0, 9), line.slice(9) + line)).toEqual([loaded, loaded])
})

for (const [what, text] of [
  ['text that is no JSON', 'hello\n'],
  ['a message of another kind', '{"type":"reboot"}\n'],
  ['a message with a wrong field', '{"type":"loaded","worker":"1","python":"3"}\n'],
  ['a line without end', 'x'.repeat(300_000)],
] as const) {
  test(`${what} is refused once, and nothing more is heard`, async () => {
    expect(await heard(text, `\n${JSON.stringify(loaded)}\n`)).toEqual([null])
  })
}
