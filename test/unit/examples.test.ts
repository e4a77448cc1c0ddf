// Every configuration that we ship or print in the documentation is one that wsgid accepts.
import { expect, test } from '@jest/globals'
import { readdirSync, readFileSync } from 'node:fs'
import { join, resolve } from 'node:path'
import { makeProgram } from '../../src/cli/program.ts'
import { renderReport } from '../../src/config/diagnostics.ts'
import { parseExample } from '../support/parse-example.ts'

type Example = Readonly<{ name: string; text: string }>

const root = resolve(import.meta.dirname, '../..')
const read = (name: string): Example => ({ name, text: readFileSync(join(root, name), 'utf8') })

/** The files below a directory of the project that end in `extension`. */
function filesIn(directory: string, extension: string): Example[] {
  const names = readdirSync(join(root, directory), { recursive: true, encoding: 'utf8' })
  return names.filter((name) => name.endsWith(extension)).map((name) => read(join(directory, name)))
}

/** Examples in Markdown: blocks of YAML that begin with a comment naming the file, and files that a shell block writes. */
function examplesIn({ name, text }: Example): Example[] {
  const shown = text.matchAll(/^```yaml\n# (?<file>\S+\.yaml)\n(?<yaml>.*?)^```$/gms)
  const written = text.matchAll(/^cat > (?<file>\S+\.yaml) <<'END'\n(?<yaml>.*?)^END$/gms)
  return [...shown, ...written].map(({ groups }) => ({
    name: `${name}: ${groups?.['file'] ?? ''}`,
    text: groups?.['yaml'] ?? '',
  }))
}

const shipped = [...filesIn('groups.d', '.yaml'), ...filesIn('scripts', '.yaml'), ...filesIn('docs', '.yaml')]
const printed = [read('README.md'), ...filesIn('docs', '.md')].flatMap(examplesIn)

test.each([...shipped, ...printed])('$name is a valid configuration', ({ name, text }) => {
  const parsed = parseExample({ name, path: '/etc/wsgid/example.yaml', text })
  expect(parsed.ok ? '' : renderReport(parsed.diagnostics)).toBe('')
})

test('the examples of docs/trac.md are its files, each once', () => {
  const mentioned = [...read('docs/trac.md').text.matchAll(/\(examples\/(trac\/[\w-]+\.yaml)\)/g)].map(
    ([, name]) => name,
  )
  expect(mentioned.sort()).toEqual(
    filesIn('docs/examples/trac', '.yaml')
      .map(({ name }) => name.replace('docs/examples/', ''))
      .sort(),
  )
})

test('docs/examples/README.md has every example and nothing else, and the test that it names for it loads it', () => {
  const rows = read('docs/examples/README.md')
    .text.split('\n')
    .filter((line) => line.includes('.test.ts'))
  const cases = rows.flatMap((row) => {
    const tests = [...row.matchAll(/[\w-]+\.test\.ts/g)].map(([file]) => read(`test/e2e/${file}`).text)
    const examples = [...row.matchAll(/\]\(([\w/-]+)[^)]*\)/g)].map(([, name = '']) => name.replace(/\/groups$/, ''))
    return examples.map((name) => ({ name, tests }))
  })
  expect([...new Set(cases.map(({ name }) => name))].sort()).toEqual(exampleNames())
  const unloaded = cases.filter(({ name, tests }) => !tests.some((text) => text.includes(`'${name}'`)))
  expect(unloaded.map(({ name }) => name)).toEqual([])
})

/** Files of docs/examples without .yaml, and directories that are one example of several files. */
function exampleNames(): string[] {
  const files = filesIn('docs/examples', '.yaml').map(({ name }) => name.replace('docs/examples/', ''))
  return [
    ...new Set(files.map((file) => file.replace(/(?:\/groups\.d\/.*|\/wsgid)?\.yaml$|\/groups\.d\/.*/, ''))),
  ].sort()
}

test('the table of commands in README.md has each command and no other', async () => {
  const rows = read('README.md')
    .text.split('\n')
    .filter((line) => line.startsWith('| `wsgid '))
  const named = rows.flatMap((row) => [...row.matchAll(/`wsgid ([\w-]+)/g)].map(([, name]) => name))
  expect(named.sort()).toEqual((await makeProgram()).commands.map((command) => command.name()).sort())
})

test('the list at the beginning of docs/operations.md has each of its chapters, in their order', () => {
  const { text } = read('docs/operations.md')
  const listed = [...text.matchAll(/^- \[(.*)\]\(#(.*)\)$/gm)].map(([, title, anchor]) => ({ title, anchor }))
  const chapters = [...text.matchAll(/^## (.*)$/gm)].map(([, title = '']) => ({ title, anchor: anchorOf(title) }))
  expect(listed).toEqual(chapters)
})

/** As GitHub makes it of a heading. */
const anchorOf = (title: string): string =>
  title
    .toLowerCase()
    .replaceAll(/[^\w -]/g, '')
    .replaceAll(' ', '-')

test('the examples of README.md are found', () => {
  expect(printed.filter(({ name }) => name.startsWith('README.md')).length).toBeGreaterThanOrEqual(4)
})
