import { expect, test } from '@jest/globals'
import { definition, paragraph, preformatted, title } from './roff.ts'

test('text reaches the reader as it is written, whatever it means to roff', () => {
  expect(paragraph("a-b c\\d it's ~ ^ … 𝄞")).toBe('.PP\na\\-b c\\ed it\\(aqs \\(ti \\(ha \\[u2026] \\[u1D11E]\n')
})

test('a line that begins with a dot or a quote is text, not a request', () => {
  expect(paragraph('.so /etc/passwd')).toBe('.PP\n\\&.so /etc/passwd\n')
  expect(paragraph("'quoted'")).toBe('.PP\n\\(aqquoted\\(aq\n')
  expect(preformatted('a\n.b')).toContain('\n\\&.b\n')
})

test('code in backquotes is bold', () => {
  expect(paragraph('run `a -b` now')).toBe('.PP\nrun \\fBa \\-b\\fR now\n')
})

test('an option stands above what it does and its example', () => {
  expect(definition({ term: 'threads', text: 'How many.', example: 'threads: 5' })).toBe(
    '.TP\n\\fBthreads\\fR\nHow many.\n.br\nExample: \\fBthreads: 5\\fR\n',
  )
})

test('a title may have quotes in it', () => {
  expect(title({ name: 'wsgid', section: 8, version: '1.0', manual: 'the "manual"' })).toMatch(
    /^\.TH "WSGID" "8" "" "wsgid 1\.0" "the \\\(dqmanual\\\(dq"\n/,
  )
})
