// docs/configuration.md, made from the schemas; scripts/write-reference.mjs writes it, a test fails when it is stale.
// Knows how an option is described, no option by name.
import { groupSchema } from './group-schema.ts'
import { defaultText, notesOf, type OptionTable } from './option.ts'
import { serverSchema } from './server-schema.ts'

/** What stands before the tables, in Markdown. */
export const introduction = `# Configuration

<!-- Made by \`npm run docs\` from src/config/: change the schemas there, not this file. -->

\`wsgid\` reads one server file, by default \`/etc/wsgid/wsgid.yaml\`, and the group files that it names. \`wsgid check\` tests them and
prints what would be served; all errors are reported at once, each with its place. An option that is not listed here is an error.

\`\`\`yaml
# wsgid.yaml
listen: 0.0.0.0:80
groups: groups.d/*.yaml
user: wsgid
defaults: { threads: 25 }
\`\`\`

\`\`\`yaml
# groups.d/site-1.yaml
user: trac
processes: 2
home: /srv/site-1
python: /srv/site-1/venv/bin/python
env: { TRAC_ENV: /srv/site-1/env }
applications:
  - mount: /trac
    script: trac.wsgi
    hosts: [trac.example.org]
\`\`\`

## Values

- Durations: a number of seconds, or text such as \`500ms\`, \`5s\`, \`2m\`, \`1h\`, \`1d\`; at most 24 days.
- Sizes: a number of bytes, or text such as \`64KiB\`, \`10MiB\`, \`1GiB\`.
- Paths: a relative one starts at the directory of the file that it stands in.
- Text in \`env\` and \`environ\`: numbers and booleans are taken as they are written, \`0080\` stays \`0080\`; YAML's rules for
  quotes hold (\`"a: b"\`).
- The options of a group are its own, then those of \`defaults\`, then the defaults below.

## Many groups from one file

\`\`\`yaml
# groups.d/sites.yaml
for-each: /srv/sites/*
for-each-require: conf/trac.ini
name: trac-\${instance}
user: \${owner}
start: on-demand
env: { TRAC_ENV: "/srv/sites/\${instance}" }
applications:
  - mount: /\${instance}
    script: /srv/trac/trac.wsgi
\`\`\`

makes one group for each directory in \`/srv/sites\` that has a \`conf/trac.ini\`. In every text of the file \`\${instance}\` stands for the directory's name and
\`\${owner}\` for its owner: the account's name, else the uid, which needs no account. Inside of \`{ }\` and \`[ ]\` YAML wants quotes around them. \`wsgid reload\` takes
up what was added and removed and touches no other group.

- Errors name the file's line and the instance; what is wrong with all instances alike is said once.
- No group is made, with a warning, of a directory whose name cannot be a group's (such as \`lost+found\`), of a symbolic link, and, where the file says \`\${owner}\`, of a
  directory that belongs to root. Those whose name begins with a dot match no \`*\`.
- An instance that cannot run for what its tenant has done to his own files, such as a script that is gone or writable by everyone, is left out with a warning; at a reload, what
  runs of it goes on as it is. An application of it that
  another group serves (\`process-group\`) is left out of that group, with a warning. So one tenant cannot keep the others from starting.
- As root, the directory that holds them, like everything above it, must belong to root and be writable by nobody else: who can make a directory there makes a group.

## Who may own what

As root, \`wsgid\` refuses what others could use to gain rights. \`wsgid.yaml\`, each group file and every directory above them must belong to root and
be writable by nobody else (a directory above may be sticky, as \`/tmp\`). An interpreter and the directories above it may belong to root or to the group's user; a script
must be readable by the user. Neither may be writable by everyone, nor by a group other than root's or the user's primary one. Permission bits
are what is looked at: access lists (ACLs) are not.
`

/** A table of options under its title (Markdown). */
type TitledTable = Readonly<{ title: string; table: OptionTable }>

/** The text of docs/configuration.md. */
export function renderReference(): string {
  const tables = [
    ...tablesOf('wsgid.yaml', serverSchema.shape, ['defaults']),
    ...tablesOf('Group files', groupSchema.shape, []),
  ]
  return [introduction, ...tables.map(({ title, table }) => `## ${title}\n\n${optionTable(table)}\n`)].join('\n')
}

/** A table of options, then one for each option that has options inside; those in `elsewhere` are described at their own place. */
export function tablesOf(title: string, table: OptionTable, elsewhere: readonly string[]): readonly TitledTable[] {
  const inner = Object.keys(table).flatMap((name) => {
    const inside = notesOf(table, name)?.inside
    return inside && !elsewhere.includes(name)
      ? tablesOf(`${entryTitles[name] ?? 'An entry of'} \`${name}\``, inside, [])
      : []
  })
  return [{ title, table }, ...inner]
}

/** Most options that have options inside are lists. */
const entryTitles: Readonly<Record<string, string>> = { auth: 'Options of', admin: 'Options of', require: 'Options of' }

function optionTable(table: OptionTable): string {
  const rows = Object.keys(table).map((name) => row(name, table))
  return ['| option | meaning | unit | default | example |', '| --- | --- | --- | --- | --- |', ...rows].join('\n')
}

function row(name: string, table: OptionTable): string {
  const notes = notesOf(table, name)
  if (!notes) throw new Error(`option ${name} is not described`)
  const { description, expects, unit, otherwise, example } = notes
  const fallback = otherwise ?? code(defaultText(notes))
  const cells = [code(name), `${description}. Must be ${expects}.`, unit ?? '', fallback, code(`${name}: ${example}`)]
  return `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
}

const code = (text: string | undefined): string => (text === undefined ? 'none: it must be given' : `\`${text}\``)
