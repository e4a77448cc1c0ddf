// `auth`: who gets past the router, by files that htpasswd and htdigest made, and what the application hears of it.
import { chmod, chown, lchown, readFile, rm, symlink, writeFile } from 'node:fs/promises'
import { expect } from '@jest/globals'
import { execa } from 'execa'
import { aGroup, tenant } from '../support/a-group.ts'
import { account } from '../support/accounts.ts'
import { eventually } from '../support/eventually.ts'
import { exampleGroup } from '../support/examples.ts'
import { basicLogin, getJson, request, type Answer } from '../support/http.ts'
import { makeSite, type Site } from '../support/site.ts'
import { startWsgid } from '../support/start-wsgid.ts'
import { inTerminal, terminals } from '../support/terminal.ts'
import { asRoot, forTheFile, installed, isRoot, test } from '../support/test.ts'

const tools = { needs: [terminals, installed('/usr/bin/htpasswd', '/usr/bin/htdigest', '/usr/bin/curl')] }

const basic = (user: string, password: string) => ({
  Authorization: basicLogin(`${user}:${password}`),
})

const openssl = async (...args: readonly string[]) => (await execa('openssl', ['passwd', ...args])).stdout

/** One user of each kind of hash; each one's password is "pass-" and the name. */
async function htpasswdText(): Promise<string> {
  const made = ['-B', '-m', '-s', '-d'].map(async (option, index) => {
    const user = ['bcrypt', 'apr1', 'sha1', 'des'][index] ?? ''
    return (await execa('htpasswd', ['-nb', option, user, `pass-${user}`])).stdout.trim()
  })
  const sha = [['sha256', '-5'] as const, ['sha512', '-6'] as const].map(
    async ([user, option]) => `${user}:${await openssl(option, `pass-${user}`)}`,
  )
  return `# users\n${(await Promise.all([...made, ...sha])).join('\n')}\n`
}

async function writeFor(site: Site, name: string, { user, text }: Readonly<{ user: string; text: string }>) {
  const path = await site.write(name, text)
  const { uid, gid } = account(user)
  if (isRoot) await chown(path, uid, gid)
  // The owner's alone: the routers cannot read it.
  await chmod(path, 0o600)
  return path
}

/** Has htdigest make a file; each user's password is "pass-" and the name. */
async function htdigest(site: Site, name: string, users: readonly string[]): Promise<void> {
  const path = await writeFor(site, name, { user: 'www-data', text: '' })
  for (const user of users) {
    const terminal = await inTerminal([path, 'Trac', user], {}, '/usr/bin/htdigest')
    // It asks twice, and forgets what was typed before it asked: it gets the same until it is content.
    await eventually(`htdigest has added ${user}`, () => {
      if (terminal.hasEnded) return true
      terminal.type(`pass-${user}\r`)
      return undefined
    })
    expect(await terminal.exitCode()).toBe(0)
  }
  expect((await readFile(path, 'latin1')).split('\n').map((line) => line.split(':')[0])).toEqual([...users, ''])
}

const script = '../apps/torture.py'

const server = forTheFile(async () => {
  const site = await makeSite()
  const text = await htpasswdText()
  await writeFor(site, 'groups.d/.htpasswd', { user: 'www-data', text })
  await writeFor(site, 'groups.d/.htgroups', { user: 'www-data', text: 'staff: sha1 des digest\nother: apr1 bcrypt\n' })
  await htdigest(site, 'groups.d/.htdigest', ['bcrypt', 'digest', 'admin'])
  await writeFor(site, 'games.htpasswd', { user: 'games', text })
  const nobodys = await writeFor(site, 'nobody.htpasswd', { user: 'nobody', text })
  const example = exampleGroup('authentication', tenant('www-data'))
  const applications = example.applications.map((each) => ({ ...each, script }))
  const of = (name: string, users: string) =>
    aGroup({ name, ...tenant(name), applications: [{ mount: `/${name}`, script, auth: { realm: name, users } }] })
  const running = await startWsgid({
    site,
    // Neither of the three tenants: nobody is one of them here.
    ...(isRoot ? { config: { user: 'daemon' } } : {}),
    groups: [{ ...example, applications }, of('games', '../games.htpasswd'), of('nobody', nobodys)],
  })
  return running
})

const ask = async (path: string, headers: Readonly<Record<string, string>> = {}): Promise<Answer> =>
  request((await server()).url(path), { headers })

test(
  'only the paths of auth ask for a password, and say so as RFC 7617 wants it',
  async () => {
    expect((await ask('/trac/echo')).status).toBe(200)
    const refused = await ask('/trac/login')
    expect([refused.status, refused.headers['www-authenticate']]).toEqual([401, 'Basic realm="Trac", charset="UTF-8"'])
    expect(refused.text).toContain('asks for a user name and a password')
  },
  tools,
)

test(
  'a password of each kind of hash opens, a wrong one and an unknown user do not',
  async () => {
    for (const user of ['bcrypt', 'apr1', 'sha1', 'des', 'sha256', 'sha512']) {
      const environ = await getJson((await server()).url('/games/echo'), { headers: basic(user, `pass-${user}`) })
      expect([environ['REMOTE_USER'], environ['AUTH_TYPE']]).toEqual([user, 'Basic'])
      expect((await ask('/games/echo', basic(user, 'pass-'))).status).toBe(401)
    }
    expect((await ask('/games/echo', basic('unknown', 'pass-unknown'))).status).toBe(401)
  },
  tools,
)

test(
  'the application hears who it is and not the password; who was not asked is nobody',
  async () => {
    const url = (await server()).url('/games/echo')
    const environ = await getJson(url, {
      headers: { ...basic('sha1', 'pass-sha1'), Remote_User: 'root', 'Remote-User': 'root' },
    })
    expect(environ).toMatchObject({ REMOTE_USER: 'sha1', AUTH_TYPE: 'Basic', HTTP_REMOTE_USER: 'root' })
    expect(environ).not.toHaveProperty('HTTP_AUTHORIZATION')
    const open = await getJson((await server()).url('/trac/echo'), { headers: basic('sha1', 'anything') })
    expect(open).not.toHaveProperty('REMOTE_USER')
    expect(open).not.toHaveProperty('AUTH_TYPE')
    // Nobody but the application looks at it there.
    expect(open['HTTP_AUTHORIZATION']).toBe(basic('sha1', 'anything').Authorization)
  },
  tools,
)

for (const path of [
  '/trac//login',
  '/trac/./login',
  '/trac/x/../login',
  '/trac/%6cogin',
  '/trac/LOGIN',
  '/trac/login/',
  '/trac/login/echo',
  '/trac/login/%2e%2e/login',
])
  test(
    `no other spelling of a path evades its password: ${path}`,
    async () => {
      const answer = await ask(path)
      // What is decoded to another name is another path, which the application does not have.
      expect(path.includes('%3F') ? 404 : 401).toBe(answer.status)
    },
    tools,
  )

test(
  'an encoded slash leads nowhere',
  async () => {
    for (const path of ['/trac/login%2f..', '/trac%2flogin', '/trac/x%2f..%2flogin'])
      expect([path, (await ask(path)).status]).toEqual([path, 404])
  },
  tools,
)

test(
  'require lets some users and the members of some groups pass, others are asked again',
  async () => {
    const statusOf = async (user: string) => (await ask('/private/echo', basic(user, `pass-${user}`))).status
    expect(await statusOf('sha1')).toBe(200)
    expect(await statusOf('des')).toBe(200)
    expect(await statusOf('apr1')).toBe(401)
  },
  tools,
)

test(
  'each tenant has its own users, by a file that the routers cannot read',
  async () => {
    const environ = await getJson((await server()).url('/nobody/echo'), { headers: basic('sha1', 'pass-sha1') })
    expect(environ['REMOTE_USER']).toBe('sha1')
  },
  tools,
)

const curl = async (path: string, ...args: readonly string[]) => {
  const url = (await server()).url(path)
  const { stdout } = await execa('curl', ['-s', '-o', '-', '-w', '\n%{http_code} %{num_connects}', ...args, url])
  return stdout
}

test(
  'curl logs in by Digest; a wrong password and an unknown user do not',
  async () => {
    expect(await curl('/digest/echo?x=1', '--digest', '-u', 'digest:pass-digest')).toMatch(
      /"REMOTE_USER": ?"digest"[^]*\n200 /,
    )
    expect(await curl('/digest/echo', '--digest', '-u', 'digest:wrong')).toMatch(/\n401 /)
    expect(await curl('/digest/echo', '--digest', '-u', 'nobody:pass-digest')).toMatch(/\n401 /)
  },
  tools,
)

test(
  'Digest with require: the named user and the members of the group pass, others are asked again',
  async () => {
    const statusOf = async (user: string) =>
      /\n(\d+) /.exec(await curl('/digest/echo', '--digest', '-u', `${user}:pass-${user}`))?.[1]
    expect([await statusOf('admin'), await statusOf('digest'), await statusOf('bcrypt')]).toEqual(['200', '200', '401'])
  },
  tools,
)

const sha1Of = async (password: string) =>
  `{SHA}${(await execa('sh', ['-c', `printf %s ${password} | openssl sha1 -binary | base64`])).stdout}`

/** A server of its own with one user file, and a way to ask as somebody. */
async function guarded(text: string) {
  const site = await makeSite()
  const users = await writeFor(site, 'users', { user: 'www-data', text })
  const auth = { realm: 'x', users }
  const running = await startWsgid({
    site,
    groups: [
      aGroup({ name: 'a', applications: [{ mount: '/', script, auth }] }),
      aGroup({ name: 'b', ...tenant('games'), applications: [{ mount: '/other', script }] }),
    ],
  })
  const statusOf = async (user: string, password: string) =>
    (await request(running.url('/echo'), { headers: basic(user, password) })).status
  return { running, site, users, statusOf }
}

test('a changed file holds within a second or so, for those too who were let in by the old one', async () => {
  const { users, statusOf } = await guarded(`joe:${await sha1Of('old')}\n`)
  expect(await statusOf('joe', 'old')).toBe(200)
  await writeFile(users, `joe:${await sha1Of('new')}\n`)
  await eventually('the old password is refused', async () => (await statusOf('joe', 'old')) === 401 || undefined)
  expect(await statusOf('joe', 'new')).toBe(200)
  await rm(users)
  await eventually('without the file nobody passes', async () => (await statusOf('joe', 'new')) === 503 || undefined)
})

test('a file that is broken while the server runs leaves what held before; check, reload and the next start name it, and nobody else is touched', async () => {
  const { running, users, statusOf } = await guarded(`joe:${await sha1Of('right')}\n`)
  expect(await statusOf('joe', 'right')).toBe(200)
  await writeFile(users, 'joe:right\n')
  for (const command of ['reload', 'check']) {
    const { exitCode, stderr } = await running.wsgid(command)
    expect(exitCode).toBe(78)
    expect(stderr).toMatch(/a\.yaml:\d+:\d+: users ".*", line 1: no hash of bcrypt/)
    expect(stderr).toContain('write the line with htpasswd')
    expect(stderr).not.toContain('joe')
  }
  expect((await request(running.url('/other/echo'))).status).toBe(200)
  // A router asks for changes when somebody logs in, once a second at most.
  const noticed = async (): Promise<true | undefined> => {
    expect(await statusOf('joe', 'right')).toBe(200)
    return (await running.log('wsgid')).includes('what it said before still holds') || undefined
  }
  await eventually('the mistake is in the log', noticed)
  expect(await running.logLine('wsgid', /what it said before still holds/)).not.toContain('joe')
  expect((await running.wsgid('stop')).exitCode).toBe(0)
  const started = await running.wsgid('start')
  expect([started.exitCode, started.stderr]).toEqual([
    78,
    expect.stringMatching(/a\.yaml:\d+:\d+: users ".*", line 1:/),
  ])
})

test('failed logins of a user are slowed down; other users, and who is in already, are not', async () => {
  const { statusOf } = await guarded(`joe:${await sha1Of('right')}\nann:${await sha1Of('right')}\n`)
  expect(await statusOf('joe', 'right')).toBe(200)
  for (let attempt = 0; attempt < 4; attempt += 1) expect(await statusOf('joe', `wrong${attempt}`)).toBe(401)
  let answered = false
  const slow = statusOf('joe', 'wrong again').then((status) => {
    answered = true
    return status
  })
  // Those that come later are served before it.
  expect(await statusOf('ann', 'right')).toBe(200)
  expect(await statusOf('joe', 'right')).toBe(200)
  expect(answered).toBe(false)
  const many = await Promise.all(Array.from({ length: 12 }, (_, index) => statusOf('joe', `many${index}`)))
  expect(many).toContain(429)
  expect(await slow).toBe(401)
})

asRoot(
  'a tenant who puts a link to a file that he cannot read in the place of his users is refused, and nobody passes',
  async () => {
    const { running, site, users, statusOf } = await guarded(`joe:${await sha1Of('right')}\n`)
    const secret = await writeFor(site, 'other', { user: 'games', text: `joe:${await sha1Of('stolen')}\n` })
    const { uid, gid } = account('www-data')
    await rm(users)
    await symlink(secret, users)
    await lchown(users, uid, gid)
    await eventually('nobody passes', async () => (await statusOf('joe', 'stolen')) === 503 || undefined)
    await running
      .logLine('wsgid', /cannot read it; nobody can log in/)
      .catch(() => running.logLine('a', /cannot read it; nobody can log in/))
    const { exitCode, stderr } = await running.wsgid('reload')
    expect([exitCode, stderr]).toEqual([78, expect.stringMatching(/cannot be read by user "www-data"/)])
  },
)
