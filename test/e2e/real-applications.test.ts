// Applications that people run: Mercurial's hgweb, Radicale, Django and Flask, as Debian packages them, for two tenants.
// Each once more under wsgiref.validate.
import { randomBytes } from 'node:crypto'
import { statSync } from 'node:fs'
import { mkdir, readFile, writeFile } from 'node:fs/promises'
import { execa } from 'execa'
import { expect } from '@jest/globals'
import { account } from '../support/accounts.ts'
import { aGroup, tenant } from '../support/a-group.ts'
import { aForm, Browser } from '../support/browser.ts'
import { basicLogin, openRequest, request } from '../support/http.ts'
import { litmus, servedByWsgiref } from '../support/litmus.ts'
import { runAs } from '../support/running-as.ts'
import { makeSite, type Site } from '../support/site.ts'
import { startWsgid, type RunningWsgid } from '../support/start-wsgid.ts'
import { installed, isRoot, test } from '../support/test.ts'

// The validator warns of WebDAV's methods, which it does not know.
const complaint = /validate\.py", line|garbage collected without|WSGIWarning: (?!Unknown REQUEST_METHOD)/
const noComplaint = async (server: RunningWsgid, group: string) =>
  expect(await server.log(group)).not.toMatch(complaint)

/** Both mounts of an application: as it is, and watched by wsgiref.validate. */
const twice = (mount: string, script: string) => [
  { mount, script: `../apps/${script}` },
  { mount: `/validated${mount}`, script: '../apps/validated.py' },
]

async function startHgweb(site: Site): Promise<RunningWsgid> {
  const repositories = await site.directoryOf('www-data', 'repositories')
  await runAs('www-data', ['hg', 'init', 'shared'], { cwd: repositories, env: { HOME: repositories } })
  const web = '[web]\nallow-push = *\npush_ssl = false\n'
  const config = await site.write('hgweb.config', `[paths]\n/ = ${repositories}/*\n${web}`)
  const env = { HGWEB_CONFIG: config, VALIDATED_SCRIPT: site.path('apps', 'hgweb.wsgi') }
  const group = aGroup({
    name: 'hg',
    env,
    processes: 2,
    ...tenant('www-data'),
    applications: twice('/hg', 'hgweb.wsgi'),
  })
  return startWsgid({ site, groups: [group] })
}

for (const mount of ['/hg', '/validated/hg']) {
  test(
    `hg clones from, and pushes to, hgweb at ${mount}`,
    async () => {
      const site = await makeSite()
      await using server = await startHgweb(site)
      const hg = (cwd: string, ...args: string[]) =>
        execa('hg', args, { cwd, env: { HGPLAIN: '1', HGRCPATH: '', HGUSER: 'tester' } })
      const address = server.url(`${mount}/shared`)
      await hg(site.directory, 'clone', address, 'mine')
      await writeFile(site.path('mine', 'large.bin'), randomBytes(3_000_000))
      await hg(site.path('mine'), 'commit', '--addremove', '-m', 'a large file')
      await hg(site.path('mine'), 'push', address)
      await hg(site.directory, 'clone', address, 'theirs')
      const [mine, theirs] = await Promise.all(
        ['mine', 'theirs'].map((clone) => readFile(site.path(clone, 'large.bin'))),
      )
      expect(theirs?.equals(mine ?? Buffer.alloc(0))).toBe(true)
      const pushed = site.path('repositories', 'shared', '.hg', 'store', '00changelog.i')
      expect(statSync(pushed).uid).toBe(isRoot ? account('www-data').uid : process.getuid?.())
      expect((await request(`${address}/log`)).text).toContain('a large file')
      await noComplaint(server, 'hg')
    },
    { needs: [installed('/usr/bin/hg')] },
  )
}

async function startRadicale(site: Site): Promise<RunningWsgid> {
  const storage = await site.directoryOf('games', 'radicale')
  const env = { RADICALE_STORAGE: storage, VALIDATED_SCRIPT: site.path('apps', 'radicale.wsgi') }
  const group = aGroup({
    name: 'dav',
    env,
    processes: 2,
    ...tenant('games'),
    applications: twice('/dav', 'radicale.wsgi'),
  })
  return startWsgid({ site, groups: [group] })
}

const radicale = installed('/usr/lib/python3/dist-packages/radicale/__init__.py')
const event = [
  'BEGIN:VEVENT',
  'UID:1',
  'DTSTAMP:20260101T000000Z',
  'DTSTART:20260101T000000Z',
  'SUMMARY:Müll',
  'END:VEVENT',
]
const calendar = ['BEGIN:VCALENDAR', 'VERSION:2.0', 'PRODID:-//wsgid//test//', ...event, 'END:VCALENDAR', ''].join(
  '\r\n',
)

// Radicale answers MKCALENDAR and PUT without Content-Type, which wsgiref.validate forbids for a 201 (so it does under
// wsgiref itself). What writes therefore goes to the plain mount, what reads and deletes to both.
for (const reading of ['/dav', '/validated/dav']) {
  test(
    `a calendar lives in Radicale, read and deleted at ${reading}`,
    async () => {
      const site = await makeSite()
      await using server = await startRadicale(site)
      const headers = { Authorization: basicLogin('someone:anything') }
      const dav = (method: string, path: string, more = {}) => request(server.url(path), { method, headers, ...more })
      const typed = { ...headers, 'Content-Type': 'text/calendar; charset=utf-8' }
      expect((await dav('MKCALENDAR', '/dav/someone/calendar/')).status).toBe(201)
      const put = await dav('PUT', '/dav/someone/calendar/1.ics', { body: Buffer.from(calendar), headers: typed })
      expect(put.status).toBe(201)
      const found = await dav('PROPFIND', `${reading}/someone/calendar/`, { headers: { ...headers, Depth: '1' } })
      expect(found.status).toBe(207)
      expect(found.text).toContain(`<href>${reading}/someone/calendar/1.ics</href>`)
      const got = await dav('GET', `${reading}/someone/calendar/1.ics`)
      expect(got.headers.etag).toBe(put.headers.etag)
      expect(got.body.toString('utf8')).toContain('SUMMARY:Müll')
      expect((await dav('DELETE', `${reading}/someone/calendar/1.ics`)).status).toBe(200)
      expect((await dav('GET', `${reading}/someone/calendar/1.ics`)).status).toBe(404)
      await noComplaint(server, 'dav')
    },
    { needs: [radicale] },
  )
}

test(
  'litmus finds the same in Radicale behind wsgid as behind wsgiref',
  async () => {
    const site = await makeSite()
    await using server = await startRadicale(site)
    const storage = await site.directoryOf('games', 'reference')
    await using reference = await servedByWsgiref('games', site, 'radicale.wsgi', { RADICALE_STORAGE: storage })
    // Radicale is no general WebDAV server, so several of these fail wherever it runs.
    const suites = ['basic', 'copymove', 'props', 'locks']
    const expected = await litmus(reference.url, suites, await site.directoryOf('games', 'litmus-reference'))
    expect(expected.filter((line) => line.endsWith('pass')).length).toBeGreaterThan(20)
    expect(await litmus(server.url('/dav/'), suites, await site.directoryOf('games', 'litmus'))).toEqual(expected)
  },
  { needs: [radicale, installed('/usr/bin/litmus')] },
)

test(
  'litmus gets its 100 Continue, which wsgiref cannot give',
  async () => {
    const site = await makeSite()
    await using server = await startRadicale(site)
    const found = await litmus(server.url('/dav/'), ['http'], await site.directoryOf('games', 'litmus'))
    expect(found).toEqual(['init pass', 'begin pass', 'expect100 pass', 'finish pass'])
  },
  { needs: [radicale, installed('/usr/bin/litmus')] },
)

async function startDjango(site: Site): Promise<RunningWsgid> {
  const data = await site.directoryOf('www-data', 'django')
  const home = site.path('apps', 'django-site')
  const manage = (command: string, ...args: string[]) => {
    const env = { DJANGO_DATA: data, DJANGO_SUPERUSER_PASSWORD: 'not a secret' }
    return runAs('www-data', ['/usr/bin/python3', 'manage.py', command, '--noinput', ...args], { cwd: home, env })
  }
  await manage('migrate')
  await manage('createsuperuser', '--username', 'admin', '--email', 'admin@example.org')
  const applications = [
    { mount: '/django', module: 'project.wsgi:application' },
    { mount: '/validated/django', module: 'validated' },
  ]
  const env = { DJANGO_DATA: data }
  return startWsgid({ site, groups: [aGroup({ name: 'django', ...tenant('www-data'), home, env, applications })] })
}

const django = installed('/usr/lib/python3/dist-packages/django/__init__.py')
const tokenIn = (html: string) => /name="csrfmiddlewaretoken" value="(\w+)"/.exec(html)?.[1] ?? 'no token in the form'

for (const mount of ['/django', '/validated/django']) {
  test(
    `Django at ${mount}: the administrator logs in by session and CSRF cookie, a form uploads a file`,
    async () => {
      const site = await makeSite()
      await using server = await startDjango(site)
      const browser = new Browser()
      const login = await browser.visit(server.url(`${mount}/admin/login/`))
      const secrets = { username: 'admin', password: 'not a secret', next: `${mount}/admin/` }
      const form = aForm({ csrfmiddlewaretoken: tokenIn(login.text), ...secrets })
      const entered = await browser.submit(server.url(`${mount}/admin/login/`), form)
      expect([entered.status, entered.headers.location]).toEqual([302, `${mount}/admin/`])
      expect([...browser.cookies.keys()].toSorted()).toEqual(['csrftoken', 'sessionid'])
      const admin = await browser.visit(server.url(`${mount}/admin/`))
      expect(admin.text).toMatch(/Welcome,\s*<strong>admin<\/strong>/)

      const index = await browser.visit(server.url(`${mount}/`))
      const token = { csrfmiddlewaretoken: tokenIn(index.text) }
      const upload = aForm({ ...token, title: 'Grüße', attachment: new Blob([randomBytes(300_000)]) })
      const attached = await browser.submit(server.url(`${mount}/attach/`), upload)
      expect(JSON.parse(attached.body.toString())).toMatchObject({ title: 'Grüße', size: 300_000 })
      const forged = aForm({ csrfmiddlewaretoken: 'x'.repeat(64), title: 'forged' })
      expect((await browser.submit(server.url(`${mount}/attach/`), forged)).status).toBe(403)
      await noComplaint(server, 'django')
    },
    { needs: [django] },
  )
}

const flask = installed('/usr/lib/python3/dist-packages/flask/__init__.py')

for (const mount of ['/flask', '/validated/flask']) {
  test(
    `Flask at ${mount}: a streamed answer arrives line by line, JSON, cookies and an upload pass`,
    async () => {
      const site = await makeSite()
      const gates = await site.directoryOf('games', 'gates')
      const env = { GATES: gates, VALIDATED_SCRIPT: site.path('apps', 'flask-site.wsgi') }
      const applications = twice('/flask', 'flask-site.wsgi')
      await using server = await startWsgid({
        site,
        groups: [aGroup({ name: 'flask', ...tenant('games'), env, applications })],
      })

      const chunks: AsyncIterable<Buffer> = await openRequest(server.url(`${mount}/stream`))
      const lines: string[] = []
      for await (const chunk of chunks) {
        await mkdir(`${gates}/${lines.length}`)
        lines.push(chunk.toString())
      }
      expect(lines).toEqual(['line 0\n', 'line 1\n', 'line 2\n', 'line 3\n'])

      // Werkzeug calls read() without a size where the server says wsgi.input_terminated; wsgiref.validate wants a size.
      const json = { body: '{"a":[1]}', headers: { 'Content-Type': 'application/json' } }
      const echoed = await request(server.url('/flask/json'), json)
      expect(JSON.parse(echoed.text)).toEqual({ method: 'POST', received: { a: [1] } })
      const browser = new Browser()
      await browser.visit(server.url(`${mount}/cookie`))
      expect((await browser.visit(server.url(`${mount}/cookie`))).text).toBe('visit 2')
      const upload = aForm({ title: 'file', file: new Blob([randomBytes(100_000)]) })
      expect(JSON.parse((await browser.submit(server.url(`${mount}/upload`), upload)).text)).toMatchObject({
        size: 100_000,
      })
      await noComplaint(server, 'flask')
    },
    { needs: [flask] },
  )
}
