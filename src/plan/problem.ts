// How a step of the plan answers: with a value, or with everything that is wrong.
import type { Diagnostic, Place } from '../config/diagnostics.ts'

export type Resolved<Value> =
  Readonly<{ ok: true; value: Value }> | Readonly<{ ok: false; diagnostics: readonly Diagnostic[] }>

/** What is wrong, before it is known where that was asked for. */
export type Problem = Pick<Diagnostic, 'code' | 'what' | 'cure'>

export const resolved = <Value>(value: Value): Resolved<Value> => ({ ok: true, value })
export const refused = (...diagnostics: readonly Diagnostic[]): Resolved<never> => ({ ok: false, diagnostics })

/** The values of those that could be resolved, and what is wrong with the others. */
export function partition<Value>(results: readonly Resolved<Value>[]) {
  return {
    values: results.flatMap((result) => (result.ok ? [result.value] : [])),
    diagnostics: results.flatMap((result) => (result.ok ? [] : result.diagnostics)),
  }
}

/** Says where problems were asked for; the place is sought only when there is one. */
export function at(placeOf: () => Place, problems: readonly Problem[]): readonly Diagnostic[] {
  return problems.map((problem) => ({ ...placeOf(), ...problem }))
}
