// On what a run was made: hardware, kernel, versions, commit.
import { execa } from 'execa'
import { arch, availableParallelism, cpus, release, totalmem } from 'node:os'

export type Machine = Readonly<{
  date: string
  processor: string
  cores: number
  memoryBytes: number
  architecture: string
  kernel: string
  /** Commit of the checkout, with "+" when files differ from it; "unknown" outside a checkout. */
  commit: string
  /** Debian package or "node" → version. */
  versions: Readonly<Record<string, string>>
}>

/** Describes this machine; `packages` are those whose versions matter. */
export async function describeMachine(packages: readonly string[]): Promise<Machine> {
  return {
    date: new Date().toISOString(),
    processor: cpus()[0]?.model ?? 'unknown processor',
    cores: availableParallelism(),
    memoryBytes: totalmem(),
    architecture: arch(),
    kernel: release(),
    commit: await describeCommit(),
    versions: { node: process.version, ...(await packageVersions(packages)) },
  }
}

async function describeCommit(): Promise<string> {
  const head = await execa('git', ['rev-parse', '--short', 'HEAD'], { reject: false })
  if (head.failed) return 'unknown'
  const changes = await execa('git', ['status', '--porcelain', '--untracked-files=no'], { reject: false })
  return changes.stdout === '' ? head.stdout : `${head.stdout}+`
}

async function packageVersions(packages: readonly string[]): Promise<Record<string, string>> {
  const { stdout } = await execa('dpkg-query', ['-W', '-f', '${Package} ${Version}\\n', ...packages])
  return Object.fromEntries(stdout.split('\n').map((line) => [line.split(' ')[0] ?? '', line.split(' ')[1] ?? '']))
}
