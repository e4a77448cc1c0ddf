// Of a file with invalid options, what can be believed all the same: the plan then finds what else is wrong, and all is told at once. Pure.
import type { z } from 'zod'
import { nearestName } from './suggest.ts'

type Path = readonly PropertyKey[]
type Issue = z.core.$ZodIssue

/** Options on which others hang: without them the rest would mean what nobody meant, and errors would be told that are none. */
const decisive: readonly string[] = [
  ...['applications', 'mount', 'match', 'hosts', 'script', 'module', 'process-group', 'restrict-process'],
  ...['name', 'user', 'group', 'supplementary-groups', 'chroot', 'python', 'python-home'],
  ...['processes', 'minimum-processes', 'maximum-processes', 'maximum-requests', 'request-timeout'],
  ...['groups', 'defaults', 'listen', 'run-dir', 'log-dir', 'log-rotate-size', 'script-directories'],
]

/**
 * The options of a file without those that are invalid or unknown.
 *
 * @param value of the whole file; it is left as it is
 * @returns null when something decisive is among them, or could be meant by an unknown one
 */
export function soundPart(value: unknown, issues: readonly Issue[]): unknown {
  if (issues.some(isDecisive)) return null
  const rest: unknown = structuredClone(value)
  for (const path of issues.flatMap(optionsOf)) leaveOut(rest, path)
  return rest
}

function optionsOf(issue: Issue): readonly Path[] {
  return issue.code === 'unrecognized_keys' ? issue.keys.map((key) => [...issue.path, key]) : [optionAround(issue.path)]
}

/** The option into which a path leads: at the top, in `defaults` or in an application. */
function optionAround(path: Path): Path {
  return path.slice(0, path[0] === 'applications' ? 3 : path[0] === 'defaults' ? 2 : 1)
}

function isDecisive(issue: Issue): boolean {
  if (issue.code === 'unrecognized_keys') return issue.keys.some((key) => nearestName(key, decisive) !== undefined)
  const option = optionAround(issue.path).at(-1)
  // Else it is a whole file that is wrong, or a whole application.
  return typeof option !== 'string' || decisive.includes(option)
}

function leaveOut(value: unknown, [step, ...rest]: Path): void {
  if (step === undefined || typeof value !== 'object' || value === null) return
  if (rest.length === 0) Reflect.deleteProperty(value, step)
  else leaveOut(Reflect.get(value, step), rest)
}
