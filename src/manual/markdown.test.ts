import { expect, test } from '@jest/globals'
import { fromMarkdown } from './markdown.ts'

test.each([
  ['title and comments', '# Configuration\n\n<!-- Made by\na tool -->\n', ''],
  ['a heading', '## Exit status\n', '.SH "EXIT STATUS"\n'],
  ['a paragraph of several lines', 'one\ntwo `three`\n', '.PP\none two \\fBthree\\fR\n'],
  ['a list with an entry of two lines', '- one\n- two\n  lines\n', '.IP \\(bu 3\none\n.IP \\(bu 3\ntwo lines\n'],
  ['code with an empty line', '```sh\na\n\nb\n```\n', '.PP\n.RS 4\n.nf\na\n\nb\n.fi\n.RE\n'],
])('%s', (_, text, source) => {
  expect(fromMarkdown(text)).toBe(source)
})

test('blocks keep their order', () => {
  const source = fromMarkdown('first:\n\n```\ncode\n```\n\n- entry\n\n## Next\n\nlast')
  expect(source.match(/first|code|entry|NEXT|last/g)).toEqual(['first', 'code', 'entry', 'NEXT', 'last'])
})
