// `static`: what the router serves by itself, and everything that it must not.
import { chown, mkdir, rename, rm, symlink, truncate, utimes, writeFile } from 'node:fs/promises'
import { gzipSync } from 'node:zlib'
import { expect } from '@jest/globals'
import { aGroup, tenant } from '../support/a-group.ts'
import { account } from '../support/accounts.ts'
import { eventually } from '../support/eventually.ts'
import { exampleGroup } from '../support/examples.ts'
import { basicLogin, openRequest, request, type Answer, type RequestOptions } from '../support/http.ts'
import { residentBytes } from '../support/processes.ts'
import { exchange, get as getAsBytes } from '../support/raw-http.ts'
import { makeSite, type Site } from '../support/site.ts'
import { startWsgid } from '../support/start-wsgid.ts'
import { atEnd, forTheFile, isRoot, test } from '../support/test.ts'

const script = '../apps/torture.py'
const css = 'body { color: black }\n'

async function writeSite(site: Site): Promise<void> {
  const root = 'groups.d/htdocs/common'
  await site.write(`${root}/trac.css`, css)
  await site.write(`${root}/trac.css.gz`, gzipSync(css).toString('latin1'))
  await writeFile(site.path(root, 'trac.css.gz'), gzipSync(css))
  await writeFile(site.path(root, 'trac.css.br'), 'as if by brotli')
  await site.write(`${root}/digits.txt`, '0123456789')
  await site.write(`${root}/ä b.txt`, 'umlaut')
  await site.write(`${root}/.htpasswd`, 'joe:classified')
  await site.write(`${root}/.git/config`, 'classified')
  await site.write(`${root}/sub/file.js`, 'alert(1)')
  await site.write('groups.d/htdocs/docs/index.html', '<p>docs')
  await site.write('groups.d/htdocs/docs/deep/index.html', '<p>deep')
  await site.write('groups.d/htdocs/secret.txt', 'classified')
  await mkdir(site.path('other'))
  await site.write('other/secret.txt', 'classified, of another tenant')
  await symlink('sub/file.js', site.path(root, 'inside.js'))
  await symlink('../secret.txt', site.path(root, 'outside.txt'))
  await symlink('/etc/passwd', site.path(root, 'passwd'))
  await symlink(site.path('other'), site.path(root, 'other'))
  await symlink('.htpasswd', site.path(root, 'visible'))
  const { uid, gid } = account('www-data')
  for (const name of ['', 'trac.css', 'digits.txt']) if (isRoot) await chown(site.path(root, name), uid, gid)
}

const server = forTheFile(async () => {
  const site = await makeSite()
  await writeSite(site)
  const example = exampleGroup('static-files', tenant('www-data'))
  const applications = example.applications.map((each) => ({ ...each, script }))
  await site.write('users', 'joe:{SHA}qUqP5cyxm6YcTAhz05Hph5gvu9M=\n')
  const guarded = {
    mount: '/guarded',
    script,
    auth: { realm: 'files', users: '../users', paths: ['/files'] },
    static: { '/files': 'htdocs/common' },
  }
  return startWsgid({ site, groups: [{ ...example, applications }, aGroup({ name: 'b', applications: [guarded] })] })
})

const get = async (path: string, options: RequestOptions = {}): Promise<Answer> =>
  request((await server()).url(`/trac/chrome/common${path}`), options)

const withHeaders = (path: string, headers: Readonly<Record<string, string>>) => get(path, { headers })

test('a file comes with its type, length, validators and Cache-Control, and no worker has been asked', async () => {
  const before = (await (await server()).group('site-1')).workers[0]?.requests
  const answer = await get('/trac.css')
  expect([answer.status, answer.text]).toEqual([200, css])
  expect(answer.headers).toMatchObject({
    'content-type': 'text/css; charset=utf-8',
    'content-length': String(css.length),
    'cache-control': 'public, max-age=0',
    'accept-ranges': 'bytes',
    vary: 'Accept-Encoding',
    etag: expect.stringMatching(/^W\/"/),
    'last-modified': expect.stringMatching(/GMT$/),
  })
  expect((await (await server()).group('site-1')).workers[0]?.requests).toBe(before)
  expect((await get('/%C3%A4%20b.txt')).text).toBe('umlaut')
})

test('HEAD answers as GET, without the body; other methods are 405', async () => {
  const head = await get('/digits.txt', { method: 'HEAD' })
  expect([head.status, head.headers['content-length'], head.text]).toEqual([200, '10', ''])
  for (const method of ['POST', 'PUT', 'DELETE', 'OPTIONS']) {
    const answer = await get('/digits.txt', { method })
    expect([method, answer.status, answer.headers.allow]).toEqual([method, 405, 'GET, HEAD'])
  }
})

test('what has not changed is 304, by either validator', async () => {
  const { headers } = await get('/digits.txt')
  expect((await withHeaders('/digits.txt', { 'If-None-Match': headers.etag ?? '' })).status).toBe(304)
  expect((await withHeaders('/digits.txt', { 'If-Modified-Since': headers['last-modified'] ?? '' })).status).toBe(304)
  expect((await withHeaders('/digits.txt', { 'If-None-Match': '"other"' })).status).toBe(200)
})

test('a range is served, several are not taken apart, an impossible one is 416', async () => {
  const one = await withHeaders('/digits.txt', { Range: 'bytes=2-4' })
  expect([one.status, one.text, one.headers['content-range']]).toEqual([206, '234', 'bytes 2-4/10'])
  expect((await withHeaders('/digits.txt', { Range: 'bytes=-3' })).text).toBe('789')
  const several = await withHeaders('/digits.txt', { Range: 'bytes=0-1,5-6' })
  expect([several.status, several.text]).toEqual([200, '0123456789'])
  const none = await withHeaders('/digits.txt', { Range: 'bytes=20-' })
  expect([none.status, none.headers['content-range'], none.headers.etag]).toEqual([416, 'bytes */10', undefined])
  const modified = (await get('/digits.txt')).headers['last-modified'] ?? ''
  expect((await withHeaders('/digits.txt', { Range: 'bytes=0-0', 'If-Range': modified })).status).toBe(206)
  const old = 'Thu, 01 Jan 1970 00:00:00 GMT'
  expect((await withHeaders('/digits.txt', { Range: 'bytes=0-0', 'If-Range': old })).status).toBe(200)
})

test('a precompressed file beside it is served to who takes it, with an ETag of its own', async () => {
  const plain = await get('/trac.css')
  const gzip = await withHeaders('/trac.css', { 'Accept-Encoding': 'gzip, deflate' })
  expect(gzip.headers).toMatchObject({ 'content-encoding': 'gzip', 'content-type': 'text/css; charset=utf-8' })
  expect(gzip.body).toEqual(gzipSync(css))
  const br = await withHeaders('/trac.css', { 'Accept-Encoding': 'gzip, br' })
  expect([br.headers['content-encoding'], br.text]).toEqual(['br', 'as if by brotli'])
  expect(new Set([plain, gzip, br].map(({ headers }) => headers.etag)).size).toBe(3)
  const refused = await withHeaders('/trac.css', { 'Accept-Encoding': 'br;q=0, gzip;q=0' })
  expect(refused.headers['content-encoding']).toBeUndefined()
})

test('a precompressed file that is older than its original is out of date', async () => {
  const site = (await server()).site
  await site.write('groups.d/htdocs/common/new.css', 'new')
  await site.write('groups.d/htdocs/common/new.css.gz', 'old')
  await utimes(site.path('groups.d/htdocs/common/new.css.gz'), 1, 1)
  expect((await withHeaders('/new.css', { 'Accept-Encoding': 'gzip' })).text).toBe('new')
})

test('a directory is its index where there is one to be, else 404; without its slash it is a redirect to this host', async () => {
  const running = await server()
  const index = await request(running.url('/trac/docs/'))
  expect([index.text, index.headers['cache-control']]).toEqual(['<p>docs', 'public, max-age=3600'])
  const redirect = await request(running.url('/trac/docs/deep?x=1'))
  expect([redirect.status, redirect.headers.location]).toEqual([301, '/trac/docs/deep/?x=1'])
  for (const path of ['', '/', '/sub', '/sub/']) expect([path, (await get(path)).status]).toEqual([path, 404])
})

test('what is not there is 404 and not left to the application; a prefix ends at a segment', async () => {
  const missing = await get('/missing.css')
  expect([missing.status, missing.text]).toEqual([404, expect.stringContaining('Nothing is served')])
  const beside = await request((await server()).url('/trac/chrome/commonx'))
  expect(beside.text).toContain('no such path')
})

const NOT_SERVED = [
  ...['/../secret.txt', '/..%2fsecret.txt', '/%2e%2e/secret.txt', '/%2e%2e%2fsecret.txt', '/sub/../../secret.txt'],
  ...[
    '/%252e%252e/secret.txt',
    '/..%252fsecret.txt',
    '/..\\secret.txt',
    '/..%5csecret.txt',
    '/sub%5c..%5c..%5csecret.txt',
  ],
  ...['/trac.css%00', '/%00', '/.htpasswd', '/%2ehtpasswd', '/.git/config', '/sub/../.htpasswd', '/visible'],
  ...['/outside.txt', '/passwd', '/other/secret.txt', '/other', '/digits.txt/', '/digits.txt/.', '//etc/passwd'],
  ...[
    '/%c0%ae%c0%ae/secret.txt',
    '/....//secret.txt',
    '/trac.css%20',
    '/proc/self/environ',
    '/sub/%2e%2e/%2e%2e/%2e%2e/users',
  ],
]

test('nothing outside of the directory, no dot-file and no link that leads out is served, however it is written', async () => {
  const running = await server()
  for (const path of NOT_SERVED) {
    // As bytes: an HTTP client would tidy the path up.
    const bytes = getAsBytes(`/trac/chrome/common${path}`, 'Connection: close\r\n')
    const answer = await exchange(running.url('/'), bytes)
    expect([path, answer.slice(9, 12)]).toEqual([path, expect.stringMatching(/^40[04]$/)])
    expect([path, answer]).toEqual([path, expect.not.stringMatching(/classified|root:|joe:/)])
  }
})

test('a link that stays inside is followed', async () => {
  expect((await get('/inside.js')).text).toBe('alert(1)')
})

test('auth holds for static files too', async () => {
  const url = (await server()).url('/guarded/files/digits.txt')
  expect((await request(url)).status).toBe(401)
  const headers = { Authorization: basicLogin('joe:test') }
  expect((await request(url, { headers })).text).toBe('0123456789')
})

test('a directory or a file that is exchanged for a link while it is served gives nothing away', async () => {
  const running = await server()
  const { site } = running
  const root = site.path('groups.d/htdocs/common')
  await site.write('groups.d/htdocs/common/turn/secret.txt', 'harmless')
  await writeFile(`${root}/flip`, 'harmless')
  let done = false
  const swap = async (): Promise<void> => {
    while (!done) {
      await symlink(site.path('other'), `${root}/link`)
      await rename(`${root}/turn`, `${root}/kept`)
      await rename(`${root}/link`, `${root}/turn`)
      await rm(`${root}/turn`)
      await rename(`${root}/kept`, `${root}/turn`)
      await symlink('/etc/passwd', `${root}/flip2`)
      await rename(`${root}/flip2`, `${root}/flip`)
      await writeFile(`${root}/flip3`, 'harmless')
      await rename(`${root}/flip3`, `${root}/flip`)
    }
  }
  const swapping = swap()
  atEnd(async () => {
    done = true // When an answer failed: it would go on for ever, beside the second attempt too.
    await swapping
  })
  const seen = new Set<string>()
  for (let round = 0; round < 300; round += 1) {
    for (const path of ['/turn/secret.txt', '/flip']) {
      const answer = await get(path)
      seen.add(answer.status === 200 ? answer.text : String(answer.status))
    }
  }
  done = true
  await swapping
  expect([...seen].filter((text) => text !== '404' && text !== 'harmless')).toEqual([])
  expect(seen).toContain('harmless')
})

test('a static directory that is exchanged for a link to another one after the start serves nothing', async () => {
  const site = await makeSite()
  await site.write('files/secret.txt', 'own')
  await site.write('other/secret.txt', 'classified')
  const applications = [{ mount: '/', script, static: { '/files': site.path('files') } }]
  await using running = await startWsgid({ site, groups: [aGroup({ name: 'a', applications })] })
  expect((await request(running.url('/files/secret.txt'))).text).toBe('own')
  await rename(site.path('files'), site.path('gone'))
  await symlink(site.path('other'), site.path('files'))
  expect((await request(running.url('/files/secret.txt'))).status).toBe(404)
})

test('a client that takes nothing of a large file costs no memory, and is cut off in the end', async () => {
  const site = await makeSite()
  const size = 256 * 1024 * 1024
  await site.write('files/large.bin', '')
  await truncate(site.path('files/large.bin'), size)
  const applications = [{ mount: '/', script, static: { '/files': site.path('files') } }]
  const group = aGroup({ name: 'a', applications, 'response-socket-timeout': 1 })
  await using running = await startWsgid({ site, groups: [group] })
  const router = (await running.status()).routers[0]?.pid ?? 0
  await request(running.url('/files/none'))
  const before = residentBytes(router)
  const response = await openRequest(running.url('/files/large.bin'))
  expect(response.headers['content-length']).toBe(String(size))
  let cut = false
  response.on('error', () => (cut = true)).on('close', () => (cut = true))
  let most = 0
  await eventually('the client is cut off', async () => {
    most = Math.max(most, residentBytes(router) - before)
    const { routers } = await running.status()
    return routers[0]?.connections === 0 || undefined
  })
  response.resume()
  await eventually('the client sees it', () => cut || undefined)
  expect(most).toBeLessThan(32 * 1024 * 1024)
})
