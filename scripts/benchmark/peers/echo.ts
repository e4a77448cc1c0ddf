// A bound: bytes through two processes, node in front and Python behind, as many as wsgid has, and nothing done with them.
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { freePort } from '../../servers/ports.ts'
import { startServer } from '../../servers/server.ts'
import type { Start } from '../rows.ts'
import { makePlace, shape } from '../workspace.ts'

const front = fileURLToPath(new URL('../bounds/relay.js', import.meta.url))
const back = fileURLToPath(new URL('../../../../scripts/benchmark/bounds/echo.py', import.meta.url))

export const startEcho: Start = async ({ workspace, site, signal }) => {
  const cwd = await makePlace(workspace, 'echo')
  const port = await freePort()
  const sockets = Array.from({ length: shape.processes }, (_, number) => join(cwd, `${number}.sock`))
  const commands = [
    ...sockets.map((socket) => ({ file: '/usr/bin/python3', args: ['-I', back, socket], cwd })),
    { file: process.execPath, args: [front, String(port), ...sockets], cwd },
  ]
  return startServer({ name: 'echo', url: `http://127.0.0.1:${port}/`, expectedBody: site.ready, commands, signal })
}
