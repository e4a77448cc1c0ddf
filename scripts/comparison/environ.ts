// What the application saw under either server, and where the two differ. Pure.
import { isRecord } from './records.ts'

/** A value of environ: Python's type, and the value where it can be compared. */
export type Value = Readonly<{ type: string; value: unknown }>
export type Seen = Readonly<{ environ: ReadonlyMap<string, Value>; body: string }>

/** One key whose values differ; undefined where the key is absent. */
export type Deviation = Readonly<{ key: string; apache: Value | undefined; wsgid: Value | undefined }>

/** Reads what apps/environ.wsgi answers. @throws when it is something else */
export function parseSeen(json: string): Seen {
  const value: unknown = JSON.parse(json)
  if (!isRecord(value) || !isRecord(value['environ']) || typeof value['body'] !== 'string') {
    throw new Error(`not what environ.wsgi answers: ${json.slice(0, 200)}`)
  }
  const environ = new Map<string, Value>()
  for (const [key, pair] of Object.entries(value['environ'])) {
    if (!Array.isArray(pair) || typeof pair[0] !== 'string') throw new Error(`no type for ${key}`)
    environ.set(key, { type: pair[0], value: pair[1] })
  }
  return { environ, body: value['body'] }
}

/** The keys that only one of the two has or whose types or values differ, sorted. */
export function deviations(apache: Seen['environ'], wsgid: Seen['environ']): Deviation[] {
  const keys = [...new Set([...apache.keys(), ...wsgid.keys()])].toSorted()
  return keys
    .map((key) => ({ key, apache: apache.get(key), wsgid: wsgid.get(key) }))
    .filter(({ apache: ours, wsgid: theirs }) => showValue(ours) !== showValue(theirs))
}

/** A value as the report prints it. */
export function showValue(value: Value | undefined): string {
  if (value === undefined) return 'absent'
  return value.value === null ? `a ${value.type}` : `${value.type} ${JSON.stringify(value.value)}`
}
