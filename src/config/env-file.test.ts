import { expect, test } from '@jest/globals'
import { parseEnvFile } from './env-file.ts'

test.each([
  ['A=1\nB=2\n', { A: '1', B: '2' }],
  ['export A=1', { A: '1' }],
  ['# comment\n\n  # another\nA=1', { A: '1' }],
  ['A = 1 # comment', { A: '1' }],
  ['A=a#b', { A: 'a#b' }],
  ['A=#b', { A: '' }],
  ['A=', { A: '' }],
  ['A=x y  \r\nB=1\r\n', { A: 'x y', B: '1' }],
  ['A="x # y" # comment', { A: 'x # y' }],
  ['A="a\\nb\\"c\\\\d\\$e\\x"', { A: 'a\nb"c\\d$e\\x' }],
  ["A='$HOME \\n'", { A: '$HOME \\n' }],
  ['A="one\ntwo"\nB=3', { A: 'one\ntwo', B: '3' }],
  ['A=$HOME', { A: '$HOME' }],
  ['A=1\nA=2', { A: '2' }],
  ['A=p=q', { A: 'p=q' }],
])('%j is read', (text, variables) => {
  expect(parseEnvFile(text)).toEqual({ ok: true, variables })
})

test.each([
  ['no assignment', [1]],
  ['A=1\nnonsense\nB=2\n=3', [2, 4]],
  ['A B=1', [1]],
  ['1A=1', [1]],
  ['A="unclosed\nB=1', [1]],
  ["A='unclosed\nB=1", [1]],
  ['A="x" y', [1]],
  ['A="1\n2"\nB', [3]],
  ['A=\0', [1]],
])('of %j the lines %j are no assignments', (text, lines) => {
  expect(parseEnvFile(text)).toEqual({ ok: false, lines })
})

test('a large file of short lines is read at once', () => {
  expect(parseEnvFile('A=1\n'.repeat(16_384))).toEqual({ ok: true, variables: { A: '1' } })
  expect(parseEnvFile(`A=${' '.repeat(65_000)}x`)).toMatchObject({ ok: true })
})
