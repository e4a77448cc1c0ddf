// Profiles a running Node process, a router say: node --experimental-websocket scripts/profile.mjs PID [SECONDS] [FILE]
// Opens its inspector by SIGUSR1 (127.0.0.1:9229: only one at a time, and not on a machine that you share), samples,
// closes the inspector again, prints where the time went and writes FILE for Chrome's DevTools.
import { writeFileSync } from 'node:fs'
import { setTimeout as sleep } from 'node:timers/promises'

const [pid, seconds = '5', file = 'profile.cpuprofile'] = process.argv.slice(2)
if (!/^\d+$/.test(pid ?? ''))
  throw new Error('usage: node --experimental-websocket scripts/profile.mjs PID [SECONDS] [FILE]')

process.kill(Number(pid), 'SIGUSR1')
const inspector = await connect(await inspectorUrl())
await inspector.call('Profiler.enable')
await inspector.call('Profiler.start')
await sleep(Number(seconds) * 1000)
const { profile } = await inspector.call('Profiler.stop')
writeFileSync(file, JSON.stringify(profile))
printSelfTimes(profile)
// The answer to this call may not come: its connection is what the call closes.
void inspector.call('Runtime.evaluate', {
  expression: "require('node:inspector').close()",
  includeCommandLineAPI: true,
})
await inspector.closed

async function inspectorUrl() {
  for (let attempt = 0; attempt < 50; attempt += 1) {
    try {
      const [target] = await (await fetch('http://127.0.0.1:9229/json/list')).json()
      return target.webSocketDebuggerUrl
    } catch {
      // Not open yet: the process gets to it when its event loop does.
      await sleep(100)
    }
  }
  throw new Error(`process ${pid} opened no inspector within 5 s`)
}

async function connect(url) {
  const socket = new WebSocket(url)
  const waiting = new Map()
  let last = 0
  socket.addEventListener('message', ({ data }) => {
    const { id, result } = JSON.parse(data)
    waiting.get(id)?.(result)
  })
  const closed = new Promise((resolve) => socket.addEventListener('close', resolve))
  await new Promise((resolve, reject) => {
    socket.addEventListener('open', resolve)
    socket.addEventListener('error', reject)
  })
  const call = (method, params = {}) => {
    last += 1
    socket.send(JSON.stringify({ id: last, method, params }))
    return new Promise((resolve) => waiting.set(last, resolve))
  }
  return { call, closed }
}

function printSelfTimes({ nodes, samples, timeDeltas }) {
  const names = new Map(nodes.map(({ id, callFrame }) => [id, nameOf(callFrame)]))
  const times = new Map()
  samples.forEach((id, index) => times.set(names.get(id), (times.get(names.get(id)) ?? 0) + timeDeltas[index]))
  const total = timeDeltas.reduce((sum, delta) => sum + delta, 0)
  const longest = [...times].sort(([, a], [, b]) => b - a).slice(0, 25)
  for (const [name, time] of longest) console.log(`${((100 * time) / total).toFixed(1).padStart(5)} %  ${name}`)
}

function nameOf({ functionName, url, lineNumber }) {
  const place = url === '' ? '' : `  ${url.replace(/^.*\/(dist|node_modules)\//, '$1/')}:${lineNumber + 1}`
  return `${functionName || '(anonymous)'}${place}`
}
