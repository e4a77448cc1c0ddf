// What Apache says of applications and wsgid of groups: it holds for a group when all applications that it serves agree.
import type { Placed } from './application.ts'
import { lineOf, type Said } from './collected.ts'
import type { Options, Remark } from './draft.ts'

/** @param served every application of the group */
export function groupSettings(served: readonly Placed[]): Readonly<{ options: Options; remarks: readonly Remark[] }> {
  const [body, reloading] = [requestBody(served), scriptReloading(served)]
  return { options: { ...body.options, ...reloading.options }, remarks: [...body.remarks, ...reloading.remarks] }
}

type GroupSetting = ReturnType<typeof groupSettings>

/** The largest of their limits; 0 is none. */
function requestBody(served: readonly Placed[]): GroupSetting {
  const said = served.flatMap((each) => each.requestBody ?? [])
  if (said.length < served.length)
    return { options: {}, remarks: remarksOf(said, 'limit-request-body holds for a group, and others of it have none') }
  const limits = said.map(({ value }) => value)
  if (limits.length === 0) return { options: {}, remarks: [] }
  const limit = limits.includes(0) ? 0 : Math.max(...limits)
  const smaller = said.filter(({ value }) => value !== limit)
  const why = `limit-request-body holds for a group, and others of it have ${limit === 0 ? 'none' : limit}`
  return { options: { 'limit-request-body': limit }, remarks: remarksOf(smaller, why) }
}

function scriptReloading(served: readonly Placed[]): GroupSetting {
  const off = served.flatMap((each) => (each.scriptReloading?.value === false ? [each.scriptReloading] : []))
  if (off.length < served.length)
    return { options: {}, remarks: remarksOf(off, 'script-reloading holds for a group, and others of it are reloaded') }
  return { options: off.length === 0 ? {} : { 'script-reloading': 'off' }, remarks: [] }
}

const remarksOf = (said: readonly Said<unknown>[], why: string): readonly Remark[] =>
  said.map(({ line }) => ({ ...lineOf(line), why }))
