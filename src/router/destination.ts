// What a route leads to: an application in a group, one in the group that the URL names, or another host. Made from what the supervisor says of
// the groups, once; what depends on captures is worked out per request.
import { expander } from '../plan/references.ts'
import { routeKey } from '../plan/application-numbers.ts'
import type { RouterApplication, RouterGroup } from '../protocol/supervision.ts'
import type { Dispatcher } from './dispatcher.ts'
import type { Gate, Guards } from './gate.ts'
import type { Captures } from './match-list.ts'
import type { Route } from './routes.ts'

/** A group, and what stands before one of its applications (null: nothing). */
export type Access = Readonly<{ dispatcher: Dispatcher; gate: Gate | null }>

/** An application by its number in its group. */
export type Place = Access &
  Readonly<{
    application: number
    /** Pairs of a request's head that depend on its captures, or on nothing; null: none. */
    variables: ((captures: Captures) => string) | null
  }>

export type Destination = {
  /** null: the URL chooses among several, or a redirection. */
  readonly place: Place | null
  readonly choice: Choice | null
  /** The host that clients are sent to. */
  readonly redirect: string | null
}

type Choice = { readonly processGroup: (captures: Captures) => string; readonly places: Map<string, Place> }

/** The group of the name that the captures give; undefined when there is none. */
export function chosenPlace({ processGroup, places }: Choice, captures: Captures): Place | undefined {
  return places.get(processGroup(captures))
}

/** The routes of all groups, expressions in their order. */
export function routesTo(
  groups: readonly RouterGroup[],
  accessTo: (group: RouterGroup, guards: Guards) => Access,
): readonly Route<Destination>[] {
  const choices = new Map<string, Choice>()
  const found: readonly Found[] = groups.flatMap((group) => {
    return group.applications.flatMap((application): readonly Found[] => {
      const access = accessTo(group, application)
      const place = { ...access, application: application.number, variables: variablesOf(application) }
      const { processGroup } = application
      if (processGroup === null) return [{ application, place, choice: null }]
      const key = routeKey(application)
      const known = choices.get(key)
      const choice = known ?? { processGroup: expander(processGroup), places: new Map<string, Place>() }
      choice.places.set(group.processGroup, place)
      choices.set(key, choice)
      return known ? [] : [{ application, place: null, choice }]
    })
  })
  return found.toSorted((a, b) => compare(a.application, b.application)).flatMap(routesOf)
}

type Found = Readonly<{ application: RouterApplication; place: Place | null; choice: Choice | null }>

function routesOf({ application, place, choice }: Found): Route<Destination>[] {
  const { hosts, aliases, mount, match } = application
  const [first] = hosts
  const target = { place, choice, redirect: null }
  const routes = [{ hosts, mount, match, target }]
  if (first === undefined || aliases.length === 0) return routes
  const redirect = { place: null, choice: null, redirect: first }
  return [...routes, { hosts: aliases, mount, match, target: redirect }]
}

/** "KEY\0value\0" of each variable; values are bytes as latin-1, as everything in a head. */
function variablesOf({ capturedEnviron, requireFile, entry }: RouterApplication): Place['variables'] {
  const pairs = [
    ...Object.entries(capturedEnviron),
    ...(requireFile === null ? [] : [['wsgid.require_file', requireFile] as const]),
    ...(entry.kind === 'captured-script' ? [['wsgid.script', entry.path] as const] : []),
  ]
  if (pairs.length === 0) return null
  const text = pairs.map(([name, value]) => `${bytes(name)}\0${bytes(value)}\0`).join('')
  return expander(text)
}

const bytes = (text: string): string => Buffer.from(text, 'utf8').toString('latin1')

function compare({ order: a }: RouterApplication, { order: b }: RouterApplication): number {
  return a.file === b.file ? a.index - b.index : a.file < b.file ? -1 : 1
}
