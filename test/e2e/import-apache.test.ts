// The same requests to Apache + mod_wsgi, by a complete httpd.conf with every fragment of their documents and of Trac's, and to wsgid, by what
// import-apache makes of that file.
import { createHash } from 'node:crypto'
import { chown, mkdir, readdir, readFile } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect } from '@jest/globals'
import { execa } from 'execa'
import { parse } from 'yaml'
import { freePort } from '../../scripts/servers/ports.ts'
import type { GroupDefinition } from '../support/a-group.ts'
import { account } from '../support/accounts.ts'
import { fragments } from '../support/apache-requests.ts'
import { answerOf, type Ask } from '../support/ask-twice.ts'
import { makeCertificate } from '../support/certificates.ts'
import { eventually } from '../support/eventually.ts'
import { request } from '../support/http.ts'
import { makeSite, type Site } from '../support/site.ts'
import { runWsgid, startWsgid, type RunningWsgid } from '../support/start-wsgid.ts'
import { asRoot, atEnd, forTheFile, installed, test } from '../support/test.ts'

const configurations = fileURLToPath(new URL('../support/apache', import.meta.url))
const apache = installed('/usr/sbin/apache2', '/usr/lib/apache2/modules/mod_wsgi.so', '/usr/bin/openssl')

/** What the scripts do besides telling of themselves. */
const scripts: Readonly<Record<string, string>> = {
  ...{ 'one/trac.wsgi': '', 'one/root.wsgi': '', 'one/alice.wsgi': '', 'one/bob.wsgi': '', 'one/carol.wsgi': '' },
  ...{ 'one/members.wsgi': '', 'one/digest.wsgi': '', 'by-url/trac.wsgi': '', 'shared/trac.wsgi': '' },
  ...{ 'scripts/first.wsgi': '', 'scripts/second.wsgi': '', 'foreign/trac.wsgi': '' },
  'one/private.wsgi': 'survey = application\ndel application\n',
  'one/prints.wsgi': 'def application(environ, start_response):\n    print("hello")\n',
  'environ/trac.wsgi': 'os.environ.update(TRAC_ENV="SITE/srv/sites/one", OTHER_EGGS="SITE/eggs")\n',
  'environ/parent.wsgi':
    'os.environ.update(TRAC_ENV_PARENT_DIR="SITE/srv/sites", TRAC_ENV_INDEX_TEMPLATE="SITE/srv/index.html")\n',
  ...Object.fromEntries(
    ['a', 'b', 'apart'].map((name) => [
      `state/${name}.wsgi`,
      `import wsgiref.util as shared\nshared.seen = getattr(shared, "seen", "") + "${name}"\nremembers = shared\n`,
    ]),
  ),
}

/** What a script tells besides its environ: os.environ, its Python, and what those remember that share its interpreter. */
const telling = (survey: string): string => `import os, sys
remembers = None
${survey}
def tell(inner):
    def application(environ, start_response):
        for name in ("TRAC_ENV", "OTHER_EGGS", "PYTHON_EGG_CACHE", "TRAC_ENV_PARENT_DIR", "TRAC_ENV_INDEX_TEMPLATE"):
            environ["os." + name] = os.environ.get(name, "")
        environ["sys.prefix"] = sys.prefix
        environ["remembered"] = getattr(remembers, "seen", "")
        return inner(environ, start_response)
    return application
application = tell(application)
`

type Ports = Readonly<{ main: number; names: number; secure: number }>

/** The site that the configurations speak of, with Apache's own files. */
async function aSite(ports: Ports): Promise<Site> {
  const site = await makeSite()
  const put = (name: string, text: string) => site.write(`srv/${name}`, text.replaceAll('SITE', site.directory))
  const survey = telling(await readFile(site.path('apps', 'surveyor.py'), 'utf8'))
  for (const [name, more] of Object.entries(scripts)) await put(name, `${survey}${more}`)
  await chown(site.path('srv', 'foreign', 'trac.wsgi'), account('games').uid, 0)
  await put('lib/database.py', 'poolable = True\n')
  await put(
    'no-pool.py',
    'import sys\nsys.path.insert(0, "SITE/srv/lib")\nimport database\ndatabase.poolable = False\n',
  )
  await put('common/style.css', 'body { color: black }\n')
  for (const number of [1, 2, 3, 4, 5, 6]) await put(`sites/site-${number}/conf/trac.ini`, '')
  await mkdir(site.path('srv', 'sites', 'empty'))
  const hashes = [
    ['admin', '-apr1'],
    ['ann', '-6'],
    ['joe', '-apr1'],
  ].map(async ([user = '', kind = '']) => `${user}:${(await execa('openssl', ['passwd', kind, 'secret'])).stdout}\n`)
  await put('htpasswd', (await Promise.all(hashes)).join(''))
  await put('htgroups', 'staff: ann\nothers: joe\n')
  await put('htdigest', `admin:Trac:${createHash('md5').update('admin:Trac:secret').digest('hex')}\n`)
  makeCertificate(site.path('srv'), 'carol', ['carol.example'])
  await execa('/usr/bin/python3', ['-m', 'venv', '--without-pip', site.path('venv')])
  await site.directoryOf('news', 'eggs')
  for (const name of await readdir(configurations)) {
    const text = await readFile(`${configurations}/${name}`, 'utf8')
    const [main, names, secure] = [ports.main, ports.names, ports.secure].map(String)
    await site.write(
      name,
      text
        .replaceAll('SITE', site.directory)
        .replaceAll('PORT', main ?? '')
        .replaceAll('NAMES', names ?? '')
        .replaceAll('SECURE', secure ?? ''),
    )
  }
  return site
}

async function askApache(site: Site, asks: readonly Ask[], ports: Ports) {
  const [main, names] = [`http://127.0.0.1:${ports.main}/`, `http://127.0.0.1:${ports.names}/`]
  const bases = { main, names, secure: `https://127.0.0.1:${ports.secure}/` }
  const command = ['-f', site.path('httpd.conf'), '-D', 'FOREGROUND']
  // What it says is in its log; a pipe would be held open by its daemon processes.
  const child = execa('/usr/sbin/apache2', command, { reject: false, stdio: 'ignore', forceKillAfterDelay: 15_000 })
  const stop = async (): Promise<void> => {
    child.kill('SIGTERM')
    await child
  }
  atEnd(stop)
  await eventually('Apache answers', async () => {
    if (child.exitCode !== null) throw new Error(`Apache ended: ${await readFile(site.path('apache.log'), 'utf8')}`)
    return (await request(main).catch(() => undefined)) && true
  })
  const answers = []
  for (const ask of asks) answers.push(await answerOf(bases, ask))
  await stop()
  return answers
}

/** Starts what import-apache has written, but on ports that the kernel chooses. */
async function startImported(site: Site): Promise<RunningWsgid> {
  const directory = site.path('imported')
  const read = async (name: string): Promise<unknown> => parse(await readFile(`${directory}/${name}`, 'utf8'))
  const groups = await Promise.all((await readdir(`${directory}/groups.d`)).map((name) => read(`groups.d/${name}`)))
  const { listen, ...config } = (await read('wsgid.yaml')) as { listen: { address: string }[] }
  const listeners = listen.map((each, index) => ({ ...each, address: `127.0.0.${index + 1}:0` }))
  return startWsgid({
    ...{ site, groups: groups as GroupDefinition[], config: { ...config, listen: listeners } },
    // The script of one is somebody else's: 403.
    until: ({ state, groups: all }) =>
      state === 'running' && all.every((group) => /^(?:running|failing)$/.test(group.state)),
  })
}

const both = forTheFile(async () => {
  const ports = { main: await freePort(), names: await freePort(), secure: await freePort() }
  const site = await aSite(ports)
  const asks = fragments.map(({ secure, ...ask }) =>
    secure === true ? { ...ask, ca: site.path('srv', 'carol.pem') } : ask,
  )
  const texts = await Promise.all(
    asks.map(async (ask) => ('ca' in ask ? { ...ask, ca: await readFile(ask.ca, 'utf8') } : ask)),
  )
  const apacheAnswers = await askApache(site, texts, ports)
  const imported = await runWsgid('import-apache', site.path('httpd.conf'), '--output', site.path('imported'))
  const checked = await runWsgid('check', '-c', site.path('imported', 'wsgid.yaml'))
  const server = await startImported(site)
  const [main = '', names = '', secure = ''] = (await server.status()).listen
  const answers = []
  for (const ask of texts) answers.push(await answerOf({ main, names, secure }, ask))
  return { site, ports, apacheAnswers, imported, checked, server, answers }
})

for (const row of new Set(fragments.map((each) => each.row)))
  asRoot(
    `${row}: answered as by Apache + mod_wsgi, by what import-apache made of the same file`,
    async () => {
      const { answers, apacheAnswers } = await both()
      const indexes = fragments.flatMap((each, index) => (each.row === row ? [index] : []))
      const of = <Answer>(all: readonly Answer[]): readonly (Answer | undefined)[] => indexes.map((index) => all[index])
      expect(of(answers)).toEqual(of(apacheAnswers))
      expect(of(answers).map((answer) => answer?.status)).toEqual(indexes.map((index) => fragments[index]?.is))
    },
    { needs: [apache], seconds: 180 },
  )

asRoot(
  'what they agree on is not nothing: users, settings, interpreters',
  async () => {
    const { answers, site } = await both()
    const of = (path: string) => answers.find((each) => each.path === path)
    const users = ['www-data', 'games', 'backup', 'news', 'mail', 'lp'].map((name) => account(name).uid)
    expect([1, 2, 3, 4, 5, 6].map((number) => of(`/trac/site-${number}/a%20b`)?.uid)).toEqual(users)
    expect(of('/trac/site-6/a%20b')?.variables).toMatchObject({
      ...{
        'sys.prefix': site.path('venv'),
        'trac.env_path': site.path('srv', 'sites', 'site-6'),
        'trac.locale': 'en_US',
      },
    })
    expect(of('/one')?.variables).toMatchObject({
      'trac.env_parent_dir': site.path('srv', 'all sites'),
      'trac.template_vars': site.path('srv', 'vars.txt'),
    })
    expect(of('/environ/wiki')?.variables).toMatchObject({
      ...{ 'os.TRAC_ENV': site.path('srv', 'sites', 'one'), 'os.PYTHON_EGG_CACHE': site.path('eggs') },
    })
    expect(['/together/a', '/together/b', '/apart'].map((path) => of(path)?.remembered)).toEqual(['ab', 'ab', 'aaprt'])
    expect([of('/private')?.poolable, of('/private')?.variables?.['mod_wsgi.callable_object']]).toEqual([
      false,
      'survey',
    ])
  },
  { needs: [apache], seconds: 180 },
)

asRoot(
  'what is not carried over is told by file and line; the rest is there, and passes check',
  async () => {
    const { imported, checked, site, ports } = await both()
    const lines = imported.stderr.replaceAll(site.directory, 'SITE').split('\n')
    expect(lines.map((line) => line.replace(/^SITE\/(\S+):\d+: not carried over: /, '$1: '))).toEqual([
      'httpd.conf: FileETag None: there is no counterpart',
      expect.stringMatching(/^httpd\.conf: RewriteRule \^\/old\/\(\.\*\)\$ \/one\/\$1 \[R=301,L\]: of rewriting/),
      `virtual-hosts.conf: <VirtualHost *:${ports.names}>: its applications answer on every listener`,
      `virtual-hosts.conf: <VirtualHost *:${ports.names}>: it also answered for hosts that nobody names`,
      `virtual-hosts.conf: <VirtualHost *:${ports.names}>: its applications answer on every listener`,
      `virtual-hosts.conf: <VirtualHost *:${ports.secure}>: its applications answer on every listener`,
    ])
    expect([imported.exitCode, checked.exitCode, imported.stdout.split('\n').length]).toEqual([0, 0, 8])
    const text = await readFile(site.path('imported', 'wsgid.yaml'), 'utf8')
    expect(parse(text)).toEqual({
      listen: [
        { address: `127.0.0.1:${ports.main}` },
        { address: `127.0.0.1:${ports.names}` },
        {
          address: `127.0.0.1:${ports.secure}`,
          tls: { certificate: site.path('srv', 'carol.pem'), key: site.path('srv', 'carol.key') },
        },
      ],
      'script-directories': [site.path('srv')],
    })
    expect(text).toContain('FileETag None: there is no counterpart\n')
    expect(parse(await readFile(site.path('imported', 'groups.d', 'site-2.yaml'), 'utf8'))).toMatchObject({
      ...{ user: 'games', group: 'games', processes: 3, threads: 25, 'maximum-requests': 1000 },
    })
  },
  { needs: [apache], seconds: 180 },
)

test(
  'nothing is overwritten, and what cannot be read is said with its place',
  async () => {
    const site = await makeSite()
    const importInto = (file: string) => runWsgid('import-apache', file, '--output', site.path('out'))
    const broken = await site.write('broken.conf', '<VirtualHost *:80>\nServerName x\n</Directory>\n')
    expect(await importInto(broken)).toMatchObject({
      ...{ exitCode: 78, stdout: '' },
      stderr: `wsgid: import-apache: Apache would not start with ${broken}: nothing was written; correct it, apachectl configtest tells more
  ${broken}:3: </Directory> closes no section
  ${broken}:1: <VirtualHost *:80> is not closed`,
    })
    const empty = await site.write('empty.conf', 'ServerName x\nDocumentRoot /srv\n')
    const missing = await importInto(site.path('absent.conf'))
    expect([missing.exitCode, missing.stderr]).toEqual([
      1,
      expect.stringMatching(/^wsgid: import-apache: \S+absent\.conf cannot be read: ENOENT/),
    ])
    const nothing = await importInto(empty)
    expect([nothing.exitCode, nothing.stderr]).toEqual([
      1,
      expect.stringMatching(/^\S+empty\.conf:2: not carried over: DocumentRoot \/srv: .*\nwsgid: .* no application/),
    ])
    expect(await runWsgid('import-apache')).toMatchObject({
      exitCode: 2,
      stderr: expect.stringContaining('missing required'),
    })
    await site.write('out/wsgid.yaml', 'mine: true\n')
    const good = await site.write('good.conf', `WSGIScriptAlias / ${site.path('apps', 'torture.py')}\n`)
    const { exitCode, stderr } = await importInto(good)
    expect([exitCode, stderr]).toEqual([
      1,
      expect.stringContaining('out/wsgid.yaml exists already: nothing was written'),
    ])
    expect([await readdir(site.path('out')), await readFile(site.path('out', 'wsgid.yaml'), 'utf8')]).toEqual([
      ['wsgid.yaml'],
      'mine: true\n',
    ])
  },
  { seconds: 120 },
)

test(
  'what does not pass check is written all the same, and told with the place in it',
  async () => {
    const site = await makeSite()
    const file = await site.write('httpd.conf', 'WSGIScriptAlias / /nowhere/app.wsgi\n')
    const { exitCode, stderr } = await runWsgid('import-apache', file, '--output', site.path('out'))
    expect(exitCode).toBe(78)
    expect(stderr).toMatch(/groups\.d\/embedded\.yaml:\d+:\d+: script "\/nowhere\/app\.wsgi" does not exist/)
    expect(stderr).toMatch(
      /what it wrote does not pass wsgid check: see above; correct it, then run wsgid check -c \S+$/,
    )
  },
  { seconds: 120 },
)
