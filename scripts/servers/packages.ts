// Brings the Debian packages that other servers come from onto the machine.
import { execa } from 'execa'

/** Installs those of `packages` that are missing. @throws without apt-get, or when it fails */
export async function installMissing(packages: readonly string[]): Promise<void> {
  const missing = await missingOf(packages)
  if (missing.length === 0) return
  process.stderr.write(`Installing ${missing.join(' ')}…\n`)
  // RUNLEVEL=1 keeps the packages' services from being started: the scripts run their own, elsewhere.
  const env = { DEBIAN_FRONTEND: 'noninteractive', RUNLEVEL: '1' }
  await execa('apt-get', ['-q', 'update'], { env, stdout: 'ignore' })
  await execa('apt-get', ['-q', '-y', 'install', '--no-install-recommends', ...missing], { env, stdout: 'ignore' })
}

async function missingOf(packages: readonly string[]): Promise<string[]> {
  const query = ['-W', '-f', '${Package} ${db:Status-Status}\\n', ...packages]
  const { stdout } = await execa('dpkg-query', query, { reject: false })
  const installed = new Set(stdout.split('\n').filter((line) => line.endsWith(' installed')))
  return packages.filter((name) => !installed.has(`${name} installed`))
}
