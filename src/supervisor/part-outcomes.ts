// Puts what has become of the parts of a group, one for each application-group, together to what an operator is told of the group. Pure.
import type { GroupOutcome } from '../control/progress-line.ts'
import { applicationGroupIn, processGroupOf } from '../plan/application-groups.ts'

type Change = Readonly<{
  /** The names of all parts that are to be reported on, one as often as it is. */
  parts: readonly string[]
  /** Whether a group has other parts besides: it was neither started nor removed then, but changed. */
  hasOthers: (group: string) => boolean
}>

/** @returns takes the outcome of a part, under the name of that; `tell` gets that of a group when the last of its parts is known */
export function collectOutcomes(
  { parts, hasOthers }: Change,
  tell: (outcome: GroupOutcome) => void,
): (outcome: GroupOutcome) => void {
  const expected = new Map<string, number>()
  for (const group of parts.map(processGroupOf)) expected.set(group, (expected.get(group) ?? 0) + 1)
  const known = new Map<string, readonly GroupOutcome[]>()
  return (outcome) => {
    const group = processGroupOf(outcome.group)
    const outcomes = [...(known.get(group) ?? []), outcome]
    known.set(group, outcomes)
    if (outcomes.length < (expected.get(group) ?? 0)) return
    tell({ group, did: whatWasDone(outcomes, hasOthers(group)), error: joinErrors(outcomes) })
  }
}

function whatWasDone(outcomes: readonly GroupOutcome[], hasOthers: boolean): GroupOutcome['did'] {
  const [did = 'changed', ...others] = new Set(outcomes.map((outcome) => outcome.did))
  const isOfAll = others.length === 0 && !(hasOthers && (did === 'started' || did === 'removed'))
  return isOfAll ? did : 'changed'
}

/** The errors of parts under the names of these, each behind its application group. null: nothing failed. */
export function joinErrors(parts: readonly Readonly<{ group: string; error: string | null }>[]): string | null {
  const errors = parts.flatMap(({ group, error }) => (error === null ? [] : [named(error, applicationGroupIn(group))]))
  return errors.length === 0 ? null : errors.join('\n')
}

const named = (error: string, applicationGroup: string): string =>
  applicationGroup === '' ? error : `application group ${applicationGroup}:\n${error.trimEnd()}`
