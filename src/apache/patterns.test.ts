import { expect, test } from '@jest/globals'
import { literalBeginning, MatchPattern, plainPattern } from './patterns.ts'

const referred = (pattern: string, ...texts: readonly (readonly [text: string, expression: string])[]) => {
  const made = new MatchPattern(pattern)
  return [...texts.map(([text, expression]) => made.refer(text, expression)), made.match]
}

test('captures that something refers to get names, others stay as they are or lose their parentheses', () => {
  const pattern = '^/a/([^/(]+)/(?:x|y)\\((b)(/.*)?'
  expect(referred(pattern, ['/srv/$1/${x}', pattern])).toEqual([
    '/srv/${p1}/$${x}',
    '^/a/(?<p1>[^/(]+)/(?:x|y)\\(b(/.*)?',
  ])
  expect(referred(pattern, ['%2-$1', pattern])).toEqual(['${p1}-${p2}', '^/a/(?<p2>[^/(]+)/(?:x|y)\\((?<p1>b)(/.*)?'])
  expect(referred('^/(a|b)/((c)d)', ['$1$2$3', '^/(a|b)/((c)d)'])).toEqual([
    '${p1}${p2}${p3}',
    '^/(?<p1>a|b)/(?<p2>(?<p3>c)d)',
  ])
  expect(referred(pattern, ['$4', pattern], ['none', pattern])[0]).toBeUndefined()
})

test('a rule may capture what the alias does not, and go on with what does not count', () => {
  for (const rule of ['^/trac/([^/]+)', '^/trac/([^/]+)/?(.*)$', '^/trac/([^/]+)(/.*)?', '^/trac/([^/]+)(/|$)']) {
    const made = new MatchPattern('^/trac/[^/]+')
    expect(made.isSameAs(rule)).toBe(true)
    expect([made.refer('/sites/$1', rule), made.match]).toEqual(['/sites/${p1}', '^/trac/(?<p1>[^/]+)'])
    expect(made.refer('$2', rule)).toBeUndefined()
  }
  const made = new MatchPattern('^/trac/([^/]+)')
  for (const other of ['^/shop/([^/]+)', '^/trac/([^/]+)/admin', '^/trac/([^/]+)$', '^/trac/([a-z]+)', '/trac/([^/]+)'])
    expect([other, made.isSameAs(other)]).toEqual([other, false])
})

test.each([
  ['^/trac/([^/]+)', '/trac/'],
  ['^/a\\.b/?', '/a.b'],
  ['^/(a|b)', '/'],
  ['/x', ''],
])('every match of %s begins with %j', (pattern, beginning) => {
  expect(literalBeginning(pattern)).toBe(beginning)
})

test('parentheses with alternatives or a quantifier are more than captures', () => {
  expect(plainPattern('^/(a)(b|c)(d)?([)]+)')).toBe('^/a(b|c)(d)?[)]+')
})
