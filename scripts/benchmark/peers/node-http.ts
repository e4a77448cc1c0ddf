// A bound: node:http answering by itself, without routes, without a worker.
import { fileURLToPath } from 'node:url'
import { freePort } from '../../servers/ports.ts'
import { startServer } from '../../servers/server.ts'
import type { Start } from '../rows.ts'
import { makePlace } from '../workspace.ts'

const program = fileURLToPath(new URL('../bounds/answer.js', import.meta.url))

export const startNodeHttp: Start = async ({ workspace, site, signal }) => {
  const cwd = await makePlace(workspace, 'node-http')
  const port = await freePort()
  const commands = [{ file: process.execPath, args: [program, String(port)], cwd }]
  return startServer({
    name: 'node:http',
    url: `http://127.0.0.1:${port}/`,
    expectedBody: site.ready,
    commands,
    signal,
  })
}
