// The judgement of scripts/compare-mod-wsgi; the comparison itself is made by the script.
import { readFileSync } from 'node:fs'
import { describe, expect, test } from '@jest/globals'
import { judge } from '../../scripts/comparison/compare-environ.ts'
import { differencesOf } from '../../scripts/comparison/compare-projects.ts'
import { differences } from '../../scripts/comparison/differences.ts'
import { parseAnswer, type Answer } from '../../scripts/comparison/exchange.ts'
import { renderTable } from '../../scripts/comparison/report.ts'
import { probes } from '../../scripts/comparison/requests.ts'

const probe = { title: 'a request', bytes: '' }

const answer = (environ: Readonly<Record<string, readonly [string, unknown]>>, more: Partial<Answer> = {}): Answer => ({
  status: 200,
  headers: new Map(),
  body: JSON.stringify({ environ, body: 'the body' }),
  ...more,
})

const plain = { PATH_INFO: ['str', '/path'] } as const

describe('the judgement of two answers', () => {
  test('finds nothing where nothing differs', () => {
    expect(judge(probe, answer(plain), answer(plain))).toEqual({ unexplained: [], explained: [] })
  })

  test('names a value that differs, a key that one lacks, and a type that differs', () => {
    const apache = answer({ ...plain, A: ['str', '1'], 'wsgi.x': ['int', 1] })
    const wsgid = answer({ PATH_INFO: ['str', '/Path'], 'wsgi.x': ['bool', 1] })
    expect(judge(probe, apache, wsgid).unexplained).toEqual([
      'A: str "1" under Apache, absent under wsgid',
      'PATH_INFO: str "/path" under Apache, str "/Path" under wsgid',
      'wsgi.x: int 1 under Apache, bool 1 under wsgid',
    ])
  })

  test('explains a difference by the table, but only where both sides are what the table says', () => {
    const [apache, wsgid, other] = ['a=1, b=2', 'a=1; b=2', 'a=1'].map((text) => answer({ HTTP_COOKIE: ['str', text] }))
    if (!apache || !wsgid || !other) throw new Error('three answers')
    expect(judge(probe, apache, wsgid)).toMatchObject({ unexplained: [], explained: [{ keys: ['HTTP_COOKIE'] }] })
    expect(judge(probe, apache, other).unexplained).toHaveLength(1)
  })

  test('names different statuses, unless the request says that they are meant', () => {
    const refusal = answer(plain, { status: 400 })
    const meant = { ...probe, differs: { apache: 200, wsgid: 400, why: 'on purpose' } }
    expect(judge(probe, answer(plain), refusal).unexplained).toHaveLength(1)
    expect(judge(meant, answer(plain), refusal).unexplained).toEqual([])
    expect(judge(meant, answer(plain), answer(plain)).unexplained).toHaveLength(1)
  })
})

test('a chunked answer that is cut off is no answer', () => {
  const head = 'HTTP/1.1 200 OK\r\nTransfer-Encoding: chunked\r\n\r\n'
  expect(parseAnswer(`${head}3\r\nabc\r\n0\r\n\r\n`).body).toBe('abc')
  expect(() => parseAnswer(`${head}3\r\nabc\r\n`)).toThrow('without its end')
})

test('requests have titles of their own', () => {
  expect(new Set(probes.map(({ title }) => title)).size).toBe(probes.length)
})

test('docs/differences-from-mod-wsgi.md shows the table by which the script judges', () => {
  expect(differences.length).toBeGreaterThan(0)
  const text = readFileSync(new URL('../../docs/differences-from-mod-wsgi.md', import.meta.url), 'utf8')
  expect(text.slice(text.indexOf('## environ'), text.indexOf('## Beyond'))).toBe(`${renderTable()}\n`)
})

describe('the comparison of two answers of a project', () => {
  const of = (status: number, headers: Readonly<Record<string, string[]>>, body = ''): Answer => ({
    status,
    headers: new Map(Object.entries(headers)),
    body,
  })

  test('leaves out what the servers say of themselves and times in cookies', () => {
    const apache = of(200, { date: ['1'], server: ['Apache'], 'set-cookie': ['a=1; expires=Mon'], allow: ['GET, PUT'] })
    const wsgid = of(200, { date: ['2'], server: ['wsgid'], 'set-cookie': ['a=1; expires=Tue'], allow: ['PUT, GET'] })
    expect(differencesOf(apache, wsgid)).toEqual([])
  })

  test('names a status, a header and a body that differ', () => {
    expect(differencesOf(of(200, {}), of(500, {}))).toHaveLength(1)
    const [apache, wsgid] = [of(200, { etag: ['a'], vary: ['x'] }, 'one'), of(200, { etag: ['b'] }, 'two')]
    expect(differencesOf(apache, wsgid).map((what) => what.split(/[ :]/)[0])).toEqual(['etag', 'vary', 'body'])
  })
})
