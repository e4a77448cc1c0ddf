// What is mounted where, once: Apache takes the first of several in a virtual host, and asks on which port a request comes; wsgid does neither.
import type { Placed } from './application.ts'
import { lineOf, type Scope } from './collected.ts'
import type { Options, Remark } from './draft.ts'

/** An application with its hosts, or without any when all of them are another one's already. */
export type Claimed = Readonly<{ placed: Placed; options: Options; remarks: readonly Remark[]; isLeftOut: boolean }>

/** @param hostsOf `hosts` and `aliases` of the applications of a scope */
export function claim(all: readonly Placed[], hostsOf: (scope: Scope) => Options): readonly Claimed[] {
  const holders = new Map<string, Placed>()
  return all.map((placed) => {
    const shadow = shadowOf(placed, all)
    if (shadow !== undefined) return leftOut(placed, `Apache never came to it: ${renderPlace(shadow)} stands before it`)
    const { hosts, aliases } = hostsOf(placed.alias.scope)
    const keyOf = (host: string): string => JSON.stringify([host, placeOf(placed)])
    const isFree = (host: string): boolean => !holders.has(keyOf(host))
    // Without hosts it is every one.
    const wanted = hosts === undefined ? ['*'] : listOf(hosts)
    const kept = wanted.filter(isFree)
    const keptAliases = kept[0] === wanted[0] ? listOf(aliases).filter(isFree) : []
    const other = wanted.map((host) => holders.get(keyOf(host))).find((each) => each !== undefined)
    for (const host of [...kept, ...keptAliases]) holders.set(keyOf(host), placed)
    const double = other === undefined || isSame(other, placed) ? [] : [doubleOf(placed, other)]
    if (kept.length === 0) return { placed, options: {}, remarks: double, isLeftOut: true }
    const options = {
      ...(hosts !== undefined && { hosts: kept }),
      ...(keptAliases.length > 0 && { aliases: keptAliases }),
    }
    return { placed, options, remarks: double, isLeftOut: false }
  })
}

/** Mount or expression. */
const placeOf = ({ application: { options } }: Placed): readonly unknown[] => [options['mount'], options['match']]

const listOf = (value: Options[string] | undefined): readonly string[] =>
  Array.isArray(value) ? value.filter((each): each is string => typeof each === 'string') : []

const renderPlace = ({ alias: { directive } }: Placed): string => `${directive.place.file}:${directive.place.line}`
const doubleOf = (placed: Placed, other: Placed): Remark =>
  remark(
    placed,
    `${renderPlace(other)} is mounted there too: an application answers on every listener, and a host and mount have one`,
  )

const remark = ({ alias: { directive } }: Placed, why: string): Remark => ({ ...lineOf(directive), why })

const leftOut = (placed: Placed, why: string): Claimed => ({
  ...{ placed, options: {}, remarks: [remark(placed, why)], isLeftOut: true },
})

/** The same application again, for another port. */
function isSame(a: Placed, b: Placed): boolean {
  const essence = ({ application, processGroup, applicationGroup }: Placed): string =>
    JSON.stringify([application.options, processGroup, applicationGroup])
  return essence(a) === essence(b)
}

/** Of the mounts of a virtual host the first that fits is taken, not the longest. */
function shadowOf(placed: Placed, all: readonly Placed[]): Placed | undefined {
  const { mount } = placed.application.options
  if (typeof mount !== 'string') return undefined
  const before = all.slice(0, all.indexOf(placed)).filter(({ alias }) => alias.scope === placed.alias.scope)
  return before.find(({ application: { options } }) => {
    const other = options['mount']
    return typeof other === 'string' && other !== mount && `${mount}/`.startsWith(other === '/' ? '/' : `${other}/`)
  })
}
