// `wsgid debug` as an operator sits before it: who gets which request, what the prompt can do, and that nobody else notices. One server.
import { rename } from 'node:fs/promises'
import { expect } from '@jest/globals'
import { aGroup } from '../support/a-group.ts'
import { eventually } from '../support/eventually.ts'
import { request } from '../support/http.ts'
import { runWsgid, startWsgid, type RunningWsgid } from '../support/start-wsgid.ts'
import { makeSite } from '../support/site.ts'
import { inTerminal, terminals, type Terminal } from '../support/terminal.ts'
import { forTheFile, test } from '../support/test.ts'

const application = `import os

def application(environ, start_response):
    secret = len(environ["PATH_INFO"])
    if environ["PATH_INFO"] == "/raise":
        raise ValueError("on purpose")
    if environ["PATH_INFO"] == "/breakpoint":
        breakpoint()
    start_response("200 OK", [("Content-Type", "text/plain")])
    return [("%d %d" % (os.getpid(), secret)).encode()]
`
const lineOfBreak = 4

const theServer = forTheFile(async () => {
  const site = await makeSite()
  await site.write('apps/shop.py', application)
  const shop = (name: string) =>
    aGroup({
      ...{ name, threads: 1, 'request-timeout': '1s', 'socket-timeout': '1s', env: { SHOP: 'open' } },
      applications: [{ mount: `/${name}`, script: '../apps/shop.py' }],
    })
  const parts = ['a', 'b'].map((name) => ({
    ...{ mount: `/split/${name}`, script: '../apps/shop.py', 'application-group': name },
  }))
  const split = aGroup({ name: 'split', applications: parts })
  return startWsgid({ site, groups: [shop('shop'), shop('other'), shop('rolled'), shop('removed'), split] })
})

const marked = { headers: { 'X-Debug': '1' }, agent: undefined }
const get = async (server: RunningWsgid, path: string, headers: Record<string, string> = {}) =>
  request(server.url(path), { headers })
const pidIn = ({ text }: { text: string }): number => Number(text.split(' ')[0])

/** A debugger that waits for requests. @returns its terminal and the pid of its worker */
async function debug(server: RunningWsgid, group: string, ...options: readonly string[]) {
  const terminal = await inTerminal(['debug', group, '-c', server.configFile, ...options])
  const told = await terminal.shows(new RegExp(`worker \\d+ of ${group} takes .*[\\r\\n]`))
  const pid = Number(/worker (\d+)/.exec(told)?.[1])
  return { terminal, pid }
}

/** Sends marked requests until the debugger has one: it is announced after it said so. */
async function untilTaken(server: RunningWsgid, path: string, pid: number) {
  return eventually('the debugger has a request', async () => {
    const answer = await get(server, path, marked.headers)
    return pidIn(answer) === pid ? answer : undefined
  })
}

async function prompt(terminal: Terminal, typed: string, answer: RegExp): Promise<void> {
  terminal.output = ''
  terminal.type(`${typed}\r`)
  await terminal.shows(answer)
}

test(
  'a marked request stops at the breakpoint, for longer than the timeouts; others are served meanwhile; it is answered after c',
  async () => {
    const server = await theServer()
    const script = server.site.path('apps', 'shop.py')
    const { terminal, pid } = await debug(
      server,
      'shop',
      '--header',
      'X-Debug: 1',
      '--break',
      `${script}:${lineOfBreak}`,
    )
    const usual = pidIn(await get(server, '/shop/'))
    expect(usual).not.toBe(pid)
    const stopped = eventually(
      'the debugger has it',
      async () => {
        const answer = await get(server, '/shop/four', marked.headers)
        return pidIn(answer) === pid ? answer : undefined
      },
      60,
    )
    await terminal.shows(/shop\.py\(4\)application\(\)/)
    const begun = performance.now()
    await prompt(terminal, 'p environ["PATH_INFO"], os.environ["SHOP"]', /\('\/four', 'open'\)/)
    // The same path without the mark, and a marked one that waits behind.
    const waiting = get(server, '/shop/x', marked.headers)
    for (let n = 0; n < 5; n += 1) expect(pidIn(await get(server, '/shop/four'))).toBe(usual)
    const beside = await inTerminal(['debug', 'shop', '-c', server.configFile])
    expect(await beside.exitCode()).toBe(1)
    expect(beside.output).toMatch(/wsgid: debug: "shop" is under a debugger already: end that one first/)
    await eventually(
      'longer than request-timeout and socket-timeout',
      () => performance.now() - begun > 2200 || undefined,
    )
    await prompt(terminal, 'n', /\(5\)application/)
    await prompt(terminal, '!secret = 77', /\(Pdb\)/)
    await prompt(terminal, 'c', /\(4\)application/)
    expect((await stopped).text).toBe(`${pid} 77`)
    // q: what stands at the prompt is answered without the debugger, then all is over.
    terminal.type('q\r')
    expect((await waiting).text).toBe(`${pid} 2`)
    expect({ code: await terminal.exitCode(), output: terminal.output }).toMatchObject({ code: 0 })
    expect(pidIn(await get(server, '/shop/', marked.headers))).toBe(usual)
  },
  { needs: [terminals], seconds: 90 },
)

test(
  'breakpoint() stops, an exception too; Ctrl-D at the prompt and between requests ends it',
  async () => {
    const server = await theServer()
    const first = await debug(server, 'other', '--header', 'X-Debug')
    await untilTaken(server, '/other/', first.pid)
    const raised = get(server, '/other/raise', { 'X-Debug': 'any' })
    await first.terminal.shows(/post-mortem[^]*\(Pdb\)/)
    await prompt(first.terminal, 'p environ["PATH_INFO"]', /'\/raise'/)
    first.terminal.type('c\r')
    expect((await raised).status).toBe(500)
    // Its prompt is over: what is typed before the next one is there would end all this between requests.
    first.terminal.output = ''
    const stopped = get(server, '/other/breakpoint', { 'X-Debug': 'any' })
    await first.terminal.shows(/shop\.py\(\d\)application\(\)[^]*\(Pdb\)/)
    first.terminal.type('\x04')
    expect((await stopped).status).toBe(200)
    expect(await first.terminal.exitCode()).toBe(0)
    const second = await debug(server, 'other', '--share', '100%')
    second.terminal.type('\x04')
    expect(await second.terminal.exitCode()).toBe(0)
    expect((await get(server, '/other/')).status).toBe(200)
  },
  { needs: [terminals], seconds: 90 },
)

test(
  'half of the requests is half of the requests; Ctrl-C ends it, a kill of the command too, and no request fails',
  async () => {
    const server = await theServer()
    const { terminal, pid } = await debug(server, 'other', '--share', '50%')
    await eventually('the debugger has one', async () => pidIn(await get(server, '/other/')) === pid || undefined)
    const answers = []
    for (let n = 0; n < 20; n += 1) answers.push(pidIn(await get(server, '/other/')))
    expect(answers.filter((each) => each === pid)).toHaveLength(10)
    terminal.type('\x03')
    expect(await terminal.exitCode()).toBe(0)
    const killed = await debug(server, 'other', '--header', 'X-Debug')
    await untilTaken(server, '/other/', killed.pid)
    process.kill(killed.terminal.pid, 'SIGKILL')
    await eventually('others have its requests', async () => {
      const answer = await get(server, '/other/', marked.headers)
      expect(answer.status).toBe(200)
      return pidIn(answer) !== killed.pid || undefined
    })
  },
  { needs: [terminals], seconds: 90 },
)

test(
  'of a group with several application groups it debugs the one that is named',
  async () => {
    const server = await theServer()
    const nameless = await inTerminal(['debug', 'split', '-c', server.configFile])
    const { terminal, pid } = await debug(server, 'split', '--application-group', 'b', '--header', 'X-Debug')
    expect(await nameless.exitCode()).toBe(1)
    expect(nameless.output).toMatch(/"split" has several application groups: choose one .* --application-group: a, b/)
    await untilTaken(server, '/split/b/', pid)
    expect(pidIn(await get(server, '/split/a/', marked.headers))).not.toBe(pid)
    terminal.type('\x04')
    expect(await terminal.exitCode()).toBe(0)
  },
  { needs: [terminals], seconds: 90 },
)

test(
  'a reload that removes the group ends it; when the group is back it can be debugged again',
  async () => {
    const server = await theServer()
    const { terminal, pid } = await debug(server, 'removed', '--header', 'X-Debug')
    await untilTaken(server, '/removed/', pid)
    const file = server.site.path('groups.d', 'removed.yaml')
    const aside = `${file}.aside`
    await rename(file, aside)
    expect(await server.wsgid('reload')).toMatchObject({ exitCode: 0 })
    await terminal.shows(/removed was removed/)
    expect(await terminal.exitCode()).toBe(0)
    const gone = await inTerminal(['debug', 'shp', '-c', server.configFile])
    await gone.shows(/wsgid: debug: unknown group "shp": did you mean "shop"\?/)
    expect(await gone.exitCode()).toBe(1)
    await rename(aside, file)
    expect(await server.wsgid('reload')).toMatchObject({ exitCode: 0 })
    const again = await debug(server, 'removed')
    again.terminal.type('\x04')
    expect(await again.terminal.exitCode()).toBe(0)
  },
  { needs: [terminals], seconds: 90 },
)

test(
  'a restart of the group, and the end of the server, end it',
  async () => {
    const server = await theServer()
    const { terminal } = await debug(server, 'rolled')
    expect((await server.wsgid('restart', 'rolled')).exitCode).toBe(0)
    await terminal.shows(/rolled has new workers/)
    expect(await terminal.exitCode()).toBe(0)
    const again = await debug(server, 'rolled')
    await server.kill('SIGTERM')
    await again.terminal.shows(/the server stops/)
    expect(await again.terminal.exitCode()).toBe(0)
  },
  { needs: [terminals], seconds: 90 },
)

test('wrong words are told', async () => {
  expect(await runWsgid('debug', 'shop', '--share', '200%')).toMatchObject({ exitCode: 2 })
  expect(await runWsgid('debug', 'shop', '--break', 'x')).toMatchObject({ exitCode: 2 })
  expect(await runWsgid('debug', 'shop')).toMatchObject({ exitCode: 1, stderr: expect.stringContaining('no terminal') })
})
