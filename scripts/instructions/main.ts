// Counts the instructions that a request costs, and compares them with the record. Started by scripts/count-instructions.
import { Command, Option } from 'commander'
import { execa } from 'execa'
import { chmod, mkdtemp, readFile, rm, writeFile } from 'node:fs/promises'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { installMissing } from '../servers/packages.ts'
import { compare, isWorse, renderLines, TOLERANCE, type Counts } from './record.ts'
import { countRouter } from './router.ts'
import { countWorker, workerKinds } from './worker.ts'

type Options = Readonly<{ only?: 'worker' | 'router'; write: boolean; keep: boolean }>

const recordFile = fileURLToPath(new URL('../../../scripts/instructions/record.json', import.meta.url))
const interruption = new AbortController()
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => interruption.abort(new Error(`stopped by ${name}`)))
}

const command = new Command('scripts/count-instructions')
  .description(
    'Counts the instructions of a request by callgrind. Exits 1 when there are more than on record. Needs root.',
  )
  .addOption(new Option('--only <part>', 'one of the two').choices(['worker', 'router']))
  .option('--write', 'put the counts on record instead of comparing them', false)
  .option('--keep', 'keep the files of callgrind, for callgrind_annotate and KCachegrind', false)
  .parse()
try {
  process.exitCode = await main(command.opts<Options>())
} catch (error) {
  process.stderr.write(`wsgid: count-instructions: ${error instanceof Error ? error.message : String(error)}\n`)
  process.exitCode = 1
}

async function main({ only, write, keep }: Options): Promise<number> {
  if (process.geteuid?.() !== 0)
    throw new Error('the server switches to www-data, which only root can do; run it as root')
  await installMissing(['valgrind', 'python3'])
  const directory = await mkdtemp(join(tmpdir(), 'wsgid-instructions-'))
  await chmod(directory, 0o755)
  try {
    const counted: Counts = { versions: await describeVersions(), instructions: await count(only, directory) }
    const recorded = await readRecord()
    const lines = compare(counted, recorded)
    process.stdout.write(`${renderLines(lines)}\n`)
    if (write) return await writeRecord(counted, recorded)
    if (lines.every(({ recorded: before }) => before === null))
      process.stderr.write(
        'Nothing is on record for these versions: only compare figures of this machine, see --write.\n',
      )
    for (const { name } of lines.filter(isWorse))
      process.stderr.write(`wsgid: count-instructions: ${name}: more than ${100 * TOLERANCE} % above the record\n`)
    return lines.some(isWorse) ? 1 : 0
  } finally {
    if (keep) process.stderr.write(`See ${directory}\n`)
    else await rm(directory, { recursive: true })
  }
}

async function count(only: Options['only'], directory: string): Promise<Record<string, number>> {
  const counts: Record<string, number> = {}
  if (only !== 'router') for (const kind of workerKinds) counts[`worker ${kind}`] = await countWorker(kind, directory)
  if (only !== 'worker') counts['router get'] = await countRouter(directory, interruption.signal)
  return counts
}

async function describeVersions(): Promise<Record<string, string>> {
  const { stdout } = await execa('/usr/bin/python3', ['--version'])
  return { architecture: process.arch, node: process.version, python: stdout.replace('Python ', '') }
}

async function readRecord(): Promise<Counts> {
  return JSON.parse(await readFile(recordFile, 'utf8')) as Counts
}

/** What was not counted this time stays on record, if it is for the same versions. */
async function writeRecord({ versions, instructions }: Counts, before: Counts): Promise<number> {
  const isSame = JSON.stringify(versions) === JSON.stringify(before.versions)
  const all = { ...(isSame && before.instructions), ...instructions }
  await writeFile(recordFile, `${JSON.stringify({ versions, instructions: all }, null, 2)}\n`)
  return 0
}
