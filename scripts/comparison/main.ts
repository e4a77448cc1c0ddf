// Runs the same requests through Apache + mod_wsgi and through wsgid and reports where they differ. Started by scripts/compare-mod-wsgi.
import { Command } from 'commander'
import { resolve } from 'node:path'
import { apachePackages } from '../servers/apache.ts'
import { installMissing } from '../servers/packages.ts'
import { compareEnviron } from './compare-environ.ts'
import { compareProjects } from './compare-projects.ts'
import { renderOccurred } from './report.ts'
import { startSites } from './sites.ts'

const interruption = new AbortController()
for (const name of ['SIGINT', 'SIGTERM', 'SIGHUP'] as const) {
  process.on(name, () => interruption.abort(new Error(`stopped by ${name}`)))
}

try {
  process.exitCode = await main()
} catch (error) {
  // An error by the interruption says only that something was interrupted.
  const cause: unknown = interruption.signal.aborted ? interruption.signal.reason : error
  process.stderr.write(`wsgid: comparison: ${cause instanceof Error ? cause.message : String(cause)}\n`)
  process.exitCode = 1
}

async function main(): Promise<number> {
  const { wsgid } = new Command('scripts/compare-mod-wsgi')
    .description('Compares what applications get and answer under Apache + mod_wsgi and under wsgid. Needs root.')
    .option('--wsgid <program>', 'another bin/wsgid to compare', 'bin/wsgid')
    .parse(process.argv)
    .opts<{ wsgid: string }>()
  if (process.geteuid?.() !== 0)
    throw new Error('both servers switch to www-data, which only root can do; run it as root')
  await installMissing([...apachePackages, 'python3-django', 'python3-flask'])
  const sites = await startSites(resolve(wsgid), interruption.signal)
  try {
    const environ = await compareEnviron(sites)
    const projects = await compareProjects(sites)
    process.stdout.write(`Differences in environ that are meant:\n${renderOccurred(environ.occurred)}\n\n`)
    for (const what of [...environ.unexplained, ...projects.unexplained]) process.stdout.write(`DIFFERENT: ${what}\n`)
    for (const [name, { compared, unexplained }] of Object.entries({ environ, projects }))
      process.stdout.write(`${name}: ${compared} requests compared, ${unexplained.length} unexplained differences\n`)
    return environ.unexplained.length + projects.unexplained.length === 0 ? 0 : 1
  } finally {
    await sites.stop()
  }
}
