// How long a successor takes and how much memory eight Django workers do, forked before and after the application was loaded, and after it
// had answered a page: node scripts/measure-forks.mjs [ROUNDS]. Needs the build, Debian's python3-django, and a machine that does nothing else. Prints a table.
import { spawn, spawnSync } from 'node:child_process'
import { chmodSync, cpSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as sleep } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'

const rounds = Number(process.argv[2] ?? 20)
const workers = 8
const packageDirectory = fileURLToPath(new URL('..', import.meta.url))
const program = join(packageDirectory, 'bin/wsgid')
const directory = mkdtempSync(join(tmpdir(), 'wsgid-forks-'))
const config = join(directory, 'wsgid.yaml')
const isRoot = process.getuid() === 0

/** The page that is asked for. */
const page = '/admin/login/'
const ways = [
  { name: 'preload: false', preload: false, script: 'measured.wsgi', logs: 'log' },
  { name: 'preload: true', preload: true, script: 'measured.wsgi', logs: 'log-preloaded' },
  { name: 'preload: true, page answered', preload: true, script: 'warm.wsgi', logs: 'log-warm' },
]

prepare()
const rows = []
for (const way of ways) rows.push(await measure(way))
console.table(Object.fromEntries(rows))
rmSync(directory, { recursive: true })

/** A Django site that every user may read, with a script that says how long it has loaded, and that of docs/examples/warm-up. */
function prepare() {
  chmodSync(directory, 0o755)
  cpSync(join(packageDirectory, 'test/apps/django-site'), join(directory, 'site'), { recursive: true })
  const manage = (...args) =>
    spawnSync('/usr/bin/python3', ['manage.py', ...args], {
      cwd: join(directory, 'site'),
      env: { ...process.env, DJANGO_DATA: directory },
    })
  const { status, stderr } = manage('migrate')
  if (status !== 0) throw new Error(`the Django site cannot be made: ${String(stderr)}`)
  writeFileSync(
    join(directory, 'site/measured.wsgi'),
    'import sys, time\nbegun = time.monotonic()\nfrom project.wsgi import application\n' +
      'print("own load %.1f ms" % ((time.monotonic() - begun) * 1000), file=sys.stderr)\n',
  )
  const warm = readFileSync(join(packageDirectory, 'docs/examples/warm-up/warm.wsgi'), 'utf8')
  writeFileSync(join(directory, 'site/warm.wsgi'), warm.replace('ask("/")', `ask("${page}")`))
}

/** @returns the name and the figures of one way to start workers */
async function measure(way) {
  writeFileSync(config, JSON.stringify(configuration(way)))
  const server = spawn(program, ['start', '--foreground', '-c', config], { stdio: ['ignore', 'ignore', 'inherit'] })
  const ended = new Promise((resolve) => server.once('exit', resolve))
  try {
    const { listen } = await statusWhen(({ groups }) => groups[0].state === 'running')
    await warmUp(listen[0])
    const megabytes = memory(status().groups[0].workers.map(({ pid }) => pid))
    for (let round = 0; round < rounds; round += 1) await replaceOne(way)
    return [way.name, { ...times(way), ...megabytes }]
  } finally {
    server.kill('SIGTERM')
    await ended
  }
}

function configuration({ preload, script, logs }) {
  writeFileSync(
    join(directory, 'django.yaml'),
    JSON.stringify({
      ...(isRoot ? { user: 'nobody' } : {}),
      preload,
      processes: workers,
      threads: 5,
      home: join(directory, 'site'),
      env: { DJANGO_DATA: directory },
      applications: [{ mount: '/', script: join(directory, 'site', script) }],
    }),
  )
  return {
    listen: '127.0.0.1:0',
    groups: 'django.yaml',
    'run-dir': join(directory, 'run'),
    'log-dir': join(directory, logs),
    ...(isRoot ? { user: 'www-data' } : {}),
  }
}

/** Has each worker answer, so that what a first request imports is in the figures. */
async function warmUp(url) {
  const ask = async () => {
    const answer = await fetch(`${url}${page}`)
    if (answer.status !== 200) throw new Error(`the site answers ${answer.status}: ${await answer.text()}`)
    await answer.text()
  }
  for (let round = 0; round < 20; round += 1) await Promise.all(Array.from({ length: 5 * workers }, ask))
}

/** Proportional set sizes in MiB: of the workers, and with their template process. */
function memory(pids) {
  const template = Number(/^PPid:\s+(\d+)/m.exec(readFileSync(`/proc/${pids[0]}/status`, 'utf8'))[1])
  const pss = (pid) => Number(/^Pss:\s+(\d+) kB/m.exec(readFileSync(`/proc/${pid}/smaps_rollup`, 'utf8'))[1]) / 1024
  const sum = pids.reduce((total, pid) => total + pss(pid), 0)
  return { 'PSS of 8 workers, MiB': round1(sum), 'with template process, MiB': round1(sum + pss(template)) }
}

/** The status is asked for only after the successor serves: a command that looks on takes one of the processors. */
async function replaceOne(way) {
  const { pid } = status().groups[0].workers[0]
  const before = successors(way).length
  process.kill(pid, 'SIGUSR1')
  await until(() => successors(way).length > before, 10)
  await statusWhen(({ groups: [{ workers: now }] }) => now.length === workers && now.every((one) => one.pid !== pid))
}

/**
 * Over the successors, in ms: the median, and the least, which is what remains when nobody else wants the processors. A successor's time is from
 * the decision to start it until it serves; its application's own load is taken off.
 */
function times(way) {
  const { preload } = way
  const ready = successors(way).slice(-rounds)
  const own = numbers(join(directory, way.logs, 'django.log'), /own load ([\d.]+) ms/g).slice(-rounds)
  const onTop = ready.map((total, index) => total - (preload ? 0 : (own[index] ?? 0)))
  return {
    'own load, ms': preload ? 0 : median(own),
    'ready on top of it, ms': round1(median(onTop)),
    'at least, ms': round1(Math.min(...onTop)),
  }
}

/** How long each worker took so far, in ms. */
function successors({ logs }) {
  return numbers(join(directory, logs, 'wsgid.log'), /worker=\d+ .*-> ready \(loaded in ([\d.]+) ms\)/g)
}

function numbers(file, pattern) {
  return [...readFileSync(file, 'utf8').matchAll(pattern)].map(([, number]) => Number(number))
}

function median(list) {
  return list.toSorted((a, b) => a - b)[Math.floor(list.length / 2)]
}

function round1(number) {
  return Math.round(number * 10) / 10
}

function status() {
  const { status: exitCode, stdout } = spawnSync(program, ['status', '--json', '-c', config])
  return exitCode === 0 ? JSON.parse(String(stdout)) : null
}

async function statusWhen(isWanted) {
  let now = null
  await until(() => {
    now = status()
    return now !== null && isWanted(now)
  }, 50)
  return now
}

/** Asks every so many milliseconds, for a minute at most. */
async function until(isSo, pauseMs) {
  const deadline = performance.now() + 60_000
  while (performance.now() < deadline) {
    if (isSo()) return
    await sleep(pauseMs)
  }
  throw new Error(`the server does not come to what is measured; see the logs in ${directory}`)
}
