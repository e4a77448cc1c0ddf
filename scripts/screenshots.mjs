// Writes what a terminal of 80×24 shows into docs/operations.md: between <!-- screenshot: NAME --> and <!-- end -->. Started by
// `npm run screenshots`, as root. Real commands on a real server; only its directory and port are replaced by what an operator would have.
import { spawnSync } from 'node:child_process'
import { chmodSync, mkdirSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { setTimeout as pause } from 'node:timers/promises'
import { fileURLToPath } from 'node:url'
import xterm from '@xterm/headless'
import { spawn } from 'node-pty'

const document = new URL('../docs/operations.md', import.meta.url)
const bin = fileURLToPath(new URL('../bin', import.meta.url))
const size = { cols: 80, rows: 24 }

const application = `import time

PRICES = {"tea": 3}


def application(environ, start_response):
    time.sleep(0.002)
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [b"%d" % PRICES["tea"]]
`
const broken = application.replace('import time\n', 'import time\n\nimport shop_prices\n')

const site = mkdtempSync(join(tmpdir(), 'wsgid-'))
try {
  await writeDocument(await takeAll())
} finally {
  wsgid('stop', '--now')
  rmSync(site, { recursive: true })
}

/** Each screenshot by its name. What comes later sees what came before. */
async function takeAll() {
  build()
  wsgid('start')
  await visit()
  const shots = {
    status: await shot('wsgid status'),
    'status-group': await shot('wsgid status shop'),
    top: await shot('wsgid top', { until: /by CPU/, keys: 'q' }),
    restart: await shot('wsgid restart'),
    'restart-piped': await shot('wsgid restart wiki | cat'),
  }
  put('apps/shop.py', broken)
  shots['broken-deploy'] = await shot('wsgid restart shop; wsgid status')
  put('groups.d/wiki.yaml', groupFile('wiki', 'processses: 3\n'))
  shots['configuration-error'] = await shot('wsgid reload')
  return shots
}

function build() {
  chmodSync(site, 0o755)
  put('wsgid.yaml', `listen: 127.0.0.1:0\nrun-dir: run\nlog-dir: log\nuser: nobody\ngroups: groups.d/*.yaml\n`)
  put('groups.d/shop.yaml', groupFile('shop', 'processes: 2\n'))
  put('groups.d/wiki.yaml', groupFile('wiki', 'processes: 1\n'))
  put('groups.d/reports.yaml', groupFile('reports', 'start: on-demand\n'))
  for (const name of ['shop', 'wiki', 'reports']) put(`apps/${name}.py`, application)
}

function groupFile(name, more) {
  return `user: www-data\n${more}threads: 5\napplications:\n  - { mount: /${name}, script: ../apps/${name}.py }\n`
}

function put(name, text) {
  mkdirSync(join(site, name, '..'), { recursive: true })
  writeFileSync(join(site, name), text)
}

/** Some requests, and a worker that somebody kills. */
async function visit() {
  const { listen, groups } = status()
  for (const name of ['shop', 'wiki']) {
    for (let count = 0; count < 60; count += 1) await (await fetch(`${listen[0]}/${name}`)).text()
  }
  const { pid } = groups.find(({ name }) => name === 'wiki').workers[0]
  process.kill(pid, 'SIGKILL')
  for (;;) {
    const { workers } = status().groups.find(({ name }) => name === 'wiki')
    if (workers.some((worker) => worker.pid !== pid && worker.state === 'ready')) return
    await pause(50)
  }
}

function status() {
  return JSON.parse(wsgid('status', '--json').stdout)
}

function wsgid(...args) {
  return spawnSync(join(bin, 'wsgid'), [...args, '-c', join(site, 'wsgid.yaml')], { encoding: 'utf8' })
}

/**
 * The screen when a shell's command has ended, or, when it ends only by `keys`, when it shows what it is waited for.
 *
 * @returns lines without the spaces at their ends, the command as it was typed first
 */
async function shot(command, { until, keys } = {}) {
  const screen = new xterm.Terminal({ ...size, allowProposedApi: true })
  // The shell's function saves the reader the path of a configuration that he does not have.
  const script = `wsgid() { ${join(bin, 'wsgid')} "$@" -c ${join(site, 'wsgid.yaml')}; }; ${command}`
  const terminal = spawn('/bin/bash', ['-c', script], { ...size, env: { ...process.env, TERM: 'xterm', NO_COLOR: '' } })
  // There is no event of a failure: a shell that cannot be executed is one that exits.
  const ended = new Promise((resolve) => terminal.onExit(resolve))
  let written = Promise.resolve()
  terminal.onData((text) => (written = new Promise((resolve) => screen.write(text, resolve))))
  if (until === undefined) await ended
  else while (!until.test(linesOf(screen).join('\n'))) await pause(50)
  await written
  const lines = linesOf(screen)
  if (keys !== undefined) terminal.write(keys)
  await ended
  return [`$ ${command}`, ...lines].map(anonymous)
}

function linesOf(screen) {
  const { active } = screen.buffer
  const lines = Array.from({ length: active.length }, (_, row) => active.getLine(row)?.translateToString(true) ?? '')
  return lines.slice(0, lines.findLastIndex((line) => line !== '') + 1)
}

function anonymous(line) {
  return line.replaceAll(site, '/etc/wsgid').replaceAll(/127\.0\.0\.1:\d+/g, '127.0.0.1:8080')
}

async function writeDocument(shots) {
  let text = readFileSync(document, 'utf8')
  for (const [name, lines] of Object.entries(shots)) {
    const block = new RegExp(`(<!-- screenshot: ${name} -->\n).*?(<!-- end -->)`, 's')
    if (!block.test(text)) throw new Error(`docs/operations.md has no place for the screenshot ${name}`)
    text = text.replace(block, (_, begin, end) => `${begin}\n\`\`\`text\n${lines.join('\n')}\n\`\`\`\n\n${end}`)
  }
  writeFileSync(document, text)
}
