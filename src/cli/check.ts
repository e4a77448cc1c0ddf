// `wsgid check`: is the configuration good, and what would it serve? Starts nothing.
import type { Command } from 'commander'
import { renderReport, renderWarnings, type Diagnostic } from '../config/diagnostics.ts'
import { defaultConfigFile } from '../config/default-config-file.ts'
import { resolvePlan } from '../facts/resolve-plan.ts'
import type { ApplicationPlan, GroupPlan, ServerPlan } from '../plan/plan.ts'
import { renderListeners, shownListeners } from './listener-table.ts'
import { renderTable } from './table.ts'

/** EX_CONFIG of sysexits.h. */
export const invalidConfigurationExit = 78

type Options = Readonly<{ config: string; json?: true }>

/** One line of what `check` prints: a request for this host and path goes there. */
type Route = Readonly<{ host: string; mount: string; group: string; user: string; entry: string }>

/** Adds the command to the program. */
export function registerCheck(program: Command): void {
  program
    .command('check')
    .description('test the configuration and print the resolved routes')
    .option('-c, --config <file>', 'configuration file', defaultConfigFile)
    .option('--json', 'print JSON')
    .addHelpText('after', '\nExample:\n  wsgid check --config ./wsgid.yaml')
    .action((options: Options) => check(options))
}

async function check({ config, json }: Options): Promise<void> {
  const result = await resolvePlan(config)
  if (!result.ok) {
    report(result.diagnostics, json)
    return
  }
  const { plan, warnings } = result
  const routes = routesOf(plan)
  if (json) {
    process.stdout.write(
      `${JSON.stringify({ ok: true, listen: shownListeners(plan.listeners), routes, warnings }, null, 2)}\n`,
    )
    return
  }
  printWarnings(warnings)
  process.stdout.write(`${renderRoutes(routes)}\n\n${renderListeners(plan.listeners)}\n`)
}

/** Says on stderr what is left out of a configuration that is valid, or will be wrong soon. */
export function printWarnings(warnings: readonly Diagnostic[]): void {
  if (warnings.length > 0) process.stderr.write(`${renderWarnings(warnings)}\n`)
}

function report(diagnostics: readonly Diagnostic[], json: true | undefined): void {
  process.exitCode = invalidConfigurationExit
  if (json) process.stdout.write(`${JSON.stringify({ ok: false, errors: diagnostics }, null, 2)}\n`)
  else process.stderr.write(`${renderReport(diagnostics)}\n`)
}

/** By host, then by mount; a host of "*" is any host. */
function routesOf({ groups }: ServerPlan): readonly Route[] {
  const routes = groups.flatMap((group) => group.applications.flatMap((application) => routesTo(application, group)))
  return routes.sort((a, b) => compare(a.host, b.host) || compare(a.mount, b.mount))
}

function routesTo(application: ApplicationPlan, { processGroup, identity }: GroupPlan): readonly Route[] {
  const { hosts, mount, match, entry } = application
  const target = entry.kind === 'module' ? `${entry.module}:${entry.callable}` : entry.path
  return (hosts.length === 0 ? ['*'] : hosts).map((host) => ({
    host,
    mount: match ?? (mount === '' ? '/' : mount),
    group: processGroup,
    user: identity.userName,
    entry: target,
  }))
}

const compare = (a: string, b: string): number => (a === b ? 0 : a < b ? -1 : 1)

function renderRoutes(routes: readonly Route[]): string {
  return renderTable(
    ['HOST', 'MOUNT', 'GROUP', 'USER', 'ENTRY'],
    routes.map(({ host, mount, group, user, entry }) => [host, mount, group, user, entry]),
  )
}
