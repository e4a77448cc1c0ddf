// What a thousand groups cost, made by one `for-each`, each with a uid of its own and started on demand:
// node scripts/measure-groups.mjs [GROUPS [ROUNDS]]. As root; needs the build, wrk, and a machine that does nothing else. Prints a table.
import { execFileSync, spawnSync } from 'node:child_process'
import { chmodSync, chownSync, mkdirSync, mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { performance } from 'node:perf_hooks'
import { fileURLToPath } from 'node:url'

const groups = Number(process.argv[2] ?? 1000)
const rounds = Number(process.argv[3] ?? 5)
const secondsOfLoad = 5
const firstUid = 20_000
const program = fileURLToPath(new URL('../bin/wsgid', import.meta.url))
const directory = mkdtempSync(join(tmpdir(), 'wsgid-groups-'))

chmodSync(directory, 0o755)
try {
  const many = makeServer('many', groups)
  const one = makeServer('one', 1)
  const figures = {
    groups: groups,
    ...(await measureStart(many)),
    ...(await measureUse(many)),
    ...(await measureLoad(one, many)),
  }
  console.table(Object.fromEntries(Object.entries(figures).map(([name, value]) => [name, { value }])))
} finally {
  rmSync(directory, { recursive: true })
}

/** A configuration with so many sites. @returns the path of its wsgid.yaml */
function makeServer(name, count) {
  const root = join(directory, name)
  mkdirSync(join(root, 'sites'), { recursive: true })
  for (let number = 1; number <= count; number += 1) makeSite(root, `site-${number}`, firstUid + number)
  writeFileSync(
    join(root, 'sites.yaml'),
    JSON.stringify({
      'for-each': 'sites/*',
      user: '${owner}',
      start: 'on-demand',
      // A throughput is to be measured, not a restart.
      processes: 2,
      threads: 5,
      applications: [{ mount: '/${instance}', script: 'sites/${instance}/app.py' }],
    }),
  )
  const config = join(root, 'wsgid.yaml')
  writeFileSync(
    config,
    JSON.stringify({
      listen: '127.0.0.1:0',
      groups: 'sites.yaml',
      'run-dir': join(root, 'run'),
      'log-dir': join(root, 'log'),
    }),
  )
  return config
}

function makeSite(root, name, uid) {
  const site = join(root, 'sites', name)
  mkdirSync(site)
  writeFileSync(
    join(site, 'app.py'),
    'def application(environ, start_response):\n' +
      '    start_response("200 OK", [("Content-Type", "text/plain"), ("Content-Length", "12")])\n' +
      '    return [b"Hello World\\n"]\n',
  )
  chownSync(site, uid, uid)
}

/** The commands, each several times, the best of which is told: what is beside them on the machine only adds. */
async function measureStart(config) {
  const check = best(() => wsgid('check', config))
  const start = best(() => {
    const milliseconds = wsgid('start', config)
    return { milliseconds, after: () => wsgid('stop', config) }
  })
  return { 'check, ms': check, 'start, ms': start }
}

async function measureUse(config) {
  wsgid('start', config)
  try {
    const status = statusOf(config)
    const memory = { 'supervisor, MiB': rss(status.pid), 'router, MiB': rss(status.routers[0].pid) }
    const descriptors = readdirSync(`/proc/${status.pid}/fd`).length
    const root = join(directory, 'many')
    let added = 0
    const reload = best(() => {
      added += 1
      makeSite(root, `added-${added}`, firstUid + groups + added)
      return wsgid('reload', config)
    })
    // What fetch loads at its first use is not the server's time.
    await (await fetch(`${status.listen[0]}/no-site`)).text()
    const first = []
    for (let number = 1; number <= 5; number += 1) first.push(await timeOf(`${status.listen[0]}/site-${number}`))
    return {
      ...memory,
      'descriptors of the supervisor': descriptors,
      'reload with one site added, ms': reload,
      'first request to an idle group, ms': Math.round(Math.min(...first)),
      'first request, slowest of 5, ms': Math.round(Math.max(...first)),
    }
  } finally {
    wsgid('stop', config)
  }
}

/** Rounds of one server with a single group and one with all of them, in turns; both serve the same application. */
async function measureLoad(one, many) {
  const [alone, among] = [one, many].map((config) => {
    wsgid('start', config)
    return { config, url: `${statusOf(config).listen[0]}/site-1`, rates: [] }
  })
  try {
    for (const { url } of [alone, among]) requestsPerSecond(url)
    for (let round = 0; round < rounds; round += 1) {
      // Who comes first in a round has it colder: they take turns.
      for (const each of round % 2 === 0 ? [alone, among] : [among, alone]) each.rates.push(requestsPerSecond(each.url))
    }
  } finally {
    for (const { config } of [alone, among]) wsgid('stop', config)
  }
  const ratios = among.rates.map((rate, round) => rate / alone.rates[round])
  return {
    'requests/s of one group alone': Math.round(median(alone.rates)),
    'requests/s of one group among all': Math.round(median(among.rates)),
    'among / alone, median of rounds': Number(median(ratios).toFixed(3)),
  }
}

/** Runs a command to its end. @returns milliseconds */
function wsgid(command, config) {
  const begun = performance.now()
  const { status, stderr } = spawnSync(program, [command, '-c', config], { stdio: ['ignore', 'ignore', 'pipe'] })
  if (status !== 0) throw new Error(`wsgid ${command}: ${String(stderr)}`)
  return Math.round(performance.now() - begun)
}

/** Five attempts. @param attempt milliseconds, or with something to be done before the next one */
function best(attempt) {
  const times = Array.from({ length: 5 }, () => {
    const result = attempt()
    if (typeof result === 'number') return result
    result.after()
    return result.milliseconds
  })
  return Math.min(...times)
}

function statusOf(config) {
  const text = execFileSync(program, ['status', '--json', '-c', config], { maxBuffer: 64 * 1024 * 1024 })
  return JSON.parse(String(text))
}

async function timeOf(url) {
  const begun = performance.now()
  const response = await fetch(url)
  if (response.status !== 200) throw new Error(`${url}: ${response.status}`)
  await response.text()
  return performance.now() - begun
}

function requestsPerSecond(url) {
  const text = execFileSync('wrk', ['-t1', '-c32', `-d${secondsOfLoad}s`, url], { encoding: 'utf8' })
  if (/Non-2xx|Socket errors/.test(text)) throw new Error(text)
  return Number(/Requests\/sec:\s+([\d.]+)/.exec(text)?.[1])
}

/** MiB */
function rss(pid) {
  return Math.round(Number(/VmRSS:\s+(\d+)/.exec(readFileSync(`/proc/${pid}/status`, 'utf8'))?.[1]) / 1024)
}

function median(values) {
  const sorted = [...values].sort((a, b) => a - b)
  return sorted[Math.floor(sorted.length / 2)]
}
