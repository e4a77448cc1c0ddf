// From a configuration file, or from the arguments of `wsgid serve`, to a plan: read, gather facts, plan. Every command and every
// reload goes through here.
import { configureServe, type ServeRequest } from '../config/serve.ts'
import { sortDiagnostics } from '../config/diagnostics.ts'
import { makePlan, type PlanResult } from '../plan/make-plan.ts'
import { gatherFacts } from './gather-facts.ts'
import { readConfiguration } from './read-configuration.ts'

/**
 * Resolves a configuration file into a plan. Whatever a user can get wrong is a diagnostic, all of them at once, sorted by file and line.
 *
 * @param configFile absolute, or relative to the working directory
 * @throws when the machine cannot be asked, as without getent
 */
export async function resolvePlan(configFile: string): Promise<PlanResult> {
  const { configuration, diagnostics, warnings } = await readConfiguration(configFile)
  if (!configuration) return { ok: false, diagnostics: sortDiagnostics(diagnostics) }
  // Also when files are wrong: what the plan says about what is sound in them is reported in the same breath.
  const result = makePlan(configuration, await gatherFacts(configuration))
  if (result.ok && diagnostics.length === 0) return { ...result, warnings: [...warnings, ...result.warnings] }
  return { ok: false, diagnostics: sortDiagnostics([...diagnostics, ...(result.ok ? [] : result.diagnostics)]) }
}

/** Resolves the arguments of `wsgid serve` into a plan of one group with one application. */
export async function planForServe(request: ServeRequest): Promise<PlanResult> {
  const asked = configureServe(request)
  if (!asked.ok) return asked
  return makePlan(asked.configuration, await gatherFacts(asked.configuration))
}
