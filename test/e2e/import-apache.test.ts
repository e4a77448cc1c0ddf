// The same requests to Apache + mod_wsgi, by a complete httpd.conf, and to wsgid, by what import-apache makes of that file.
import { chmod, cp, mkdir, readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect } from '@jest/globals'
import { execa } from 'execa'
import { parse } from 'yaml'
import { freePort } from '../../scripts/servers/ports.ts'
import type { GroupDefinition } from '../support/a-group.ts'
import { eventually } from '../support/eventually.ts'
import { isRecord, request } from '../support/http.ts'
import { makeSite, type Site } from '../support/site.ts'
import { runWsgid, startWsgid } from '../support/start-wsgid.ts'
import { asRoot, atEnd, installed, test } from '../support/test.ts'

const configurations = fileURLToPath(new URL('../support/apache', import.meta.url))
const apache = installed('/usr/sbin/apache2', '/usr/lib/apache2/modules/mod_wsgi.so', '/usr/bin/openssl')

type Ask = Readonly<{ path: string; host?: string; method?: string; login?: string }>

/** What both must agree on. */
const compared = [
  ...['SCRIPT_NAME', 'PATH_INFO', 'QUERY_STRING', 'REQUEST_URI', 'SCRIPT_FILENAME', 'REMOTE_USER', 'AUTH_TYPE', 'who'],
  ...[
    'trac.env_path',
    'trac.locale',
    'mod_wsgi.process_group',
    'mod_wsgi.application_group',
    'mod_wsgi.callable_object',
  ],
]

async function answerOf(base: string, { path, host, method = 'GET', login }: Ask) {
  const { status, headers, text } = await request(new URL(path, base).href, {
    method,
    headers: {
      ...(host !== undefined && { Host: host }),
      ...(login !== undefined && { Authorization: `Basic ${Buffer.from(login).toString('base64')}` }),
    },
  })
  const { location, 'www-authenticate': challenge } = headers
  const told: unknown = headers['content-type'] === 'application/json' ? JSON.parse(text) : {}
  const { uid, poolable, environ } = isRecord(told) ? told : {}
  const variables = isRecord(environ) ? compared.map((name) => [name, environ[name]]) : null
  const body = status === 200 && variables === null ? text : undefined
  return {
    path,
    status,
    location,
    realm: challenge?.replace(/^Basic realm="([^"]*)".*$/, '$1'),
    uid,
    poolable,
    variables,
    body,
  }
}

/** The site that the configurations speak of, with Apache's own files. */
async function aSite(port: number): Promise<Site> {
  const site = await makeSite()
  for (const name of ['one', 'by-url', 'shared', 'common', 'lib', 'sites'])
    await mkdir(site.path('srv', name), { recursive: true })
  for (const script of [
    'one/trac.wsgi',
    'one/private.wsgi',
    'one/alice.wsgi',
    'one/bob.wsgi',
    'by-url/trac.wsgi',
    'shared/trac.wsgi',
  ])
    await cp(site.path('apps', 'surveyor.py'), site.path('srv', script))
  const survey = `${await readFile(site.path('apps', 'surveyor.py'), 'utf8')}\nsurvey = application\n`
  await site.write('srv/one/private.wsgi', survey)
  await site.write('srv/lib/database.py', 'poolable = True\n')
  await site.write(
    'srv/no-pool.py',
    `import sys\nsys.path.insert(0, "${site.path('srv', 'lib')}")\nimport database\ndatabase.poolable = False\n`,
  )
  await site.write('srv/common/style.css', 'body { color: black }\n')
  for (const name of ['site-1', 'site-2', 'site-3']) await site.write(`srv/sites/${name}/conf/trac.ini`, '')
  const { stdout: hash } = await execa('openssl', ['passwd', '-apr1', 'secret'])
  await site.write('srv/htpasswd', `admin:${hash}\n`)
  for (const name of await readdir(configurations)) {
    const text = await readFile(`${configurations}/${name}`, 'utf8')
    await site.write(name, text.replaceAll('SITE', site.directory).replaceAll('PORT', String(port)))
  }
  await chmod(site.path('srv', 'htpasswd'), 0o644)
  return site
}

async function askApache(site: Site, file: string, asks: readonly Ask[], port: number) {
  const base = `http://127.0.0.1:${port}/`
  const child = execa('/usr/sbin/apache2', ['-f', site.path(file), '-D', 'FOREGROUND'], { reject: false, all: true })
  atEnd(async () => {
    child.kill('SIGTERM')
    await child
  })
  await eventually('Apache answers', async () => {
    if (child.exitCode !== null) throw new Error(`Apache ended: ${(await child).all}`)
    return (await request(base).catch(() => undefined)) && true
  })
  const answers = []
  for (const ask of asks) answers.push(await answerOf(base, ask))
  child.kill('SIGTERM')
  await child
  return answers
}

/** What import-apache makes of the file, ready for startWsgid. */
async function importApache(site: Site, file: string) {
  const result = await runWsgid('import-apache', site.path(file), '--output', site.path('imported'))
  const directory = site.path('imported', 'groups.d')
  const texts = await Promise.all((await readdir(directory)).map((name) => readFile(`${directory}/${name}`, 'utf8')))
  return { ...result, texts, groups: texts.map((text) => parse(text) as GroupDefinition) }
}

const fragments: readonly Ask[] = [
  { path: '/one' },
  { path: '/one/wiki/Start?a=1&b=%20' },
  { path: '/trac/site-1/wiki' },
  { path: '/trac/site-2' },
  { path: '/trac/site-3/a%20b' },
  { path: '/shared/site-1/x' },
  { path: '/shared/absent/x' },
  { path: '/shared/..%2fsite-1/x' },
  { path: '/private' },
  { path: '/private/common/style.css' },
  { path: '/private/common/absent.css' },
  { path: '/private/login' },
  { path: '/private/login', login: 'admin:secret' },
  { path: '/private/admin/x', login: 'admin:wrong' },
  { path: '/private/other', login: 'admin:wrong' },
  { path: '/nowhere' },
  { path: '/never' },
]

asRoot(
  'what import-apache makes of every fragment answers as Apache + mod_wsgi does by the same file',
  async () => {
    const port = await freePort()
    const site = await aSite(port)
    const wanted = await askApache(site, 'httpd.conf', fragments, port)
    const { exitCode, stdout, stderr, groups } = await importApache(site, 'httpd.conf')
    expect(stderr.replaceAll(site.directory, 'SITE').split('\n')).toEqual([
      expect.stringMatching(/^SITE\/httpd\.conf:\d+: not carried over: FileETag None: there is no counterpart$/),
      expect.stringMatching(
        /^SITE\/httpd\.conf:\d+: not carried over: RewriteRule \^\/old\/\(\.\*\)\$ \/one\/\$1 \[R=301,L\]: of rewriting only/,
      ),
    ])
    expect([exitCode, stdout.split('\n').length]).toEqual([0, 5])
    await using server = await startWsgid({ site, groups })
    const answers = []
    for (const ask of fragments) answers.push(await answerOf(server.url(), ask))
    expect(answers).toEqual(wanted)
    // What they agree on is not nothing.
    expect(new Set(answers.map(({ uid }) => uid)).size).toBe(4)
    expect(answers.map(({ status }) => status)).toEqual([
      200, 200, 200, 200, 200, 200, 403, 404, 200, 200, 404, 401, 200, 401, 200, 404, 404,
    ])
    expect(answers.find(({ path }) => path === '/private')?.poolable).toBe(false)
  },
  { needs: [apache], seconds: 90 },
)

const hosts: readonly Ask[] = [
  { path: '/x?y=1', host: 'alice.example' },
  { path: '/', host: 'shop.alice.example' },
  { path: '/', host: 'any.wide.example' },
  { path: '/', host: 'bob.example' },
  { path: '/a/b?c=d', host: 'www.alice.example' },
]

asRoot(
  'virtual hosts, their aliases and redirections too',
  async () => {
    const port = await freePort()
    const site = await aSite(port)
    const wanted = await askApache(site, 'virtual-hosts.conf', hosts, port)
    const { exitCode, stderr, groups } = await importApache(site, 'virtual-hosts.conf')
    expect(stderr).toMatch(
      /^\S+virtual-hosts\.conf:\d+: not carried over: the first <VirtualHost>: it also answered for hosts that none/,
    )
    expect(exitCode).toBe(0)
    await using server = await startWsgid({ site, groups })
    const answers = []
    for (const ask of hosts) answers.push(await answerOf(server.url(), ask))
    expect(answers).toEqual(wanted)
    expect(answers.map(({ status }) => status)).toEqual([200, 200, 200, 200, 301])
  },
  { needs: [apache], seconds: 90 },
)

test('nothing is overwritten, and what cannot be read is said with its place', async () => {
  const site = await makeSite()
  const broken = await site.write('broken.conf', '<VirtualHost *:80>\nServerName x\n</Directory>\n')
  expect(await runWsgid('import-apache', broken, '--output', site.path('out'))).toMatchObject({
    ...{ exitCode: 1, stdout: '' },
    stderr: `wsgid: ${broken}:3: </Directory> closes no section\n${broken}:1: <VirtualHost *:80> is not closed`,
  })
  await site.write('out/wsgid.yaml', 'mine: true\n')
  const good = await site.write('good.conf', `WSGIScriptAlias / ${site.path('apps', 'torture.py')}\n`)
  const { exitCode, stderr } = await runWsgid('import-apache', good, '--output', site.path('out'))
  expect([exitCode, stderr]).toEqual([1, expect.stringContaining('out/wsgid.yaml exists already: nothing was written')])
  expect(await readFile(site.path('out', 'wsgid.yaml'), 'utf8')).toBe('mine: true\n')
})
