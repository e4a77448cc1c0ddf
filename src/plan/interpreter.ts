// Which Python a group runs: the one that it names, or the one in the python-home that it names.
import type { GroupConfiguration } from '../config/group-configuration.ts'
import { findPath, type Facts } from './facts.ts'
import { refused, resolved, type Resolved } from './problem.ts'

type Wanted = Pick<GroupConfiguration, 'python' | 'pythonHome' | 'chroot' | 'placeOf'>

/** The paths that may be a group's interpreter, the best one first; at least one. */
export function interpreterCandidates({
  python,
  pythonHome,
}: Pick<Wanted, 'python' | 'pythonHome'>): readonly string[] {
  return pythonHome === null ? [python] : [`${pythonHome}/bin/python3`, `${pythonHome}/bin/python`]
}

/** The path of the interpreter; whether it can be used is checked elsewhere. */
export function resolveInterpreter(wanted: Wanted, facts: Facts): Resolved<string> {
  if (wanted.pythonHome === null) return resolved(wanted.python)
  const found = interpreterCandidates(wanted).find((path) => findPath(facts, path, wanted.chroot).found)
  if (found !== undefined) return resolved(found)
  return refused({
    ...wanted.placeOf(['python-home']),
    code: 'unusable-path',
    what: `python-home "${wanted.pythonHome}" has no bin/python3 and no bin/python`,
    cure: 'name the directory of a virtual environment (python3 -m venv DIRECTORY makes one) or of a Python installation',
  })
}
