// WSGIApplicationGroup: which applications of a group had an interpreter in common → `application-group`.
import type { Options } from './draft.ts'

/** Its `text` is what cannot be, and `why`. */
export type Interpreter = Readonly<{ option: Options }> | Readonly<{ text: string; why: string }>

/**
 * mod_wsgi's default is an interpreter for each application: where a group has several, they are kept apart.
 *
 * @param application its options, with hosts
 * @param wanted as written, "%{RESOURCE}" by default
 * @param isAlone nothing else is in its group
 * @returns the option, or why there is none
 */
export function applicationGroup(application: Options, wanted: string, isAlone: boolean): Interpreter {
  const text = `WSGIApplicationGroup ${wanted}`
  if (wanted === '%{GLOBAL}' || wanted === '') return { option: {} }
  if (wanted === '%{RESOURCE}' && 'match' in application) {
    if ('process-group' in application) return { option: {} }
    const why = 'the sites of a match share their processes; a process-group with a capture keeps them apart'
    return { text, why }
  }
  if (wanted === '%{RESOURCE}' && isAlone) return { option: {} }
  if (wanted === '%{HOST}' && !hasExactHosts(application))
    return { text, why: 'it needs hosts that are named one by one' }
  if (!/^(?:%\{(?:RESOURCE|SERVER|HOST)\}|[A-Za-z0-9][A-Za-z0-9._-]{0,63})$/.test(wanted))
    return { text, why: 'it is neither a name nor one of %{GLOBAL}, %{RESOURCE}, %{SERVER}, %{HOST}' }
  return { option: { 'application-group': wanted } }
}

function hasExactHosts({ hosts }: Options): boolean {
  return Array.isArray(hosts) && hosts.every((host) => !String(host).startsWith('*'))
}
