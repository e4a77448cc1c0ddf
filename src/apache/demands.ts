// Require and its containers: what they ask of a client, in the words of `auth`.
import { lineOf, type Demand } from './collected.ts'
import type { Remark } from './draft.ts'
import { byAddress } from './settings-directives.ts'
import type { Directive, Section } from './syntax.ts'

/** One Require. */
export function readRequire({ args: [what = '', ...names], ...rest }: Directive): Demand {
  const directive = lineOf(rest)
  switch (what.toLowerCase()) {
    case 'all':
      return { kind: names[0]?.toLowerCase() === 'granted' ? 'granted' : 'denied', directive }
    case 'valid-user':
      return { kind: 'valid-user', directive }
    case 'user':
      return { kind: 'user', names, directive }
    case 'group':
      return { kind: 'group', names, directive }
    default:
      return { kind: 'other', directive }
  }
}

/** <RequireAny>, <RequireAll> and <RequireNone> with all that is in them; undefined: another section. */
export function readContainer({ name, children, ...rest }: Section): Demand | undefined {
  const directive = lineOf(rest)
  if (name === 'requirenone') return { kind: 'other', directive }
  if (name !== 'requireany' && name !== 'requireall') return undefined
  const demands = children.flatMap((child): readonly Demand[] => {
    if (child.kind === 'directive') return child.name === 'require' ? [readRequire(child)] : []
    const container = readContainer(child)
    return container === undefined ? [] : [container]
  })
  return { kind: name === 'requireany' ? 'any' : 'all', demands, directive }
}

/** Who may pass: everybody, nobody, or users of a file. */
export type Admission =
  | Readonly<{ kind: 'open' | 'closed' }>
  | Readonly<{ kind: 'login'; users: readonly string[]; groups: readonly string[] }>

/** `lost`: what is asked besides and cannot be carried over. */
export type Admitted = Readonly<{ admission: Admission; lost: readonly Remark[] }>

/** What several Require of a section mean: any of them is enough. Users and groups are both empty for every user. */
export function admit(demands: readonly Demand[]): Admitted {
  return anyOf(demands)
}

function admitOne(demand: Demand): Admitted {
  switch (demand.kind) {
    case 'granted':
      return { admission: { kind: 'open' }, lost: [] }
    case 'denied':
      return { admission: { kind: 'closed' }, lost: [] }
    case 'valid-user':
      return { admission: everyUser, lost: [] }
    case 'user':
      return { admission: { kind: 'login', users: demand.names, groups: [] }, lost: [] }
    case 'group':
      return { admission: { kind: 'login', users: [], groups: demand.names }, lost: [] }
    case 'other':
      return { admission: { kind: 'open' }, lost: [{ ...demand.directive, why: byAddress }] }
    case 'any':
      return anyOf(demand.demands)
    case 'all':
      return allOf(demand.demands)
  }
}

const everyUser = { kind: 'login', users: [], groups: [] } as const
const isEveryUser = (admission: Admission): boolean =>
  admission.kind === 'login' && admission.users.length === 0 && admission.groups.length === 0

/** One who could pass by something that is lost has to log in, where that is possible too. */
function anyOf(demands: readonly Demand[]): Admitted {
  const all = demands.map(admitOne)
  const lost = all.flatMap((each) => each.lost)
  const certain = all.filter((each) => each.lost.length === 0).map(({ admission }) => admission)
  const logins = all.map(({ admission }) => admission).filter((each) => each.kind === 'login')
  if (certain.some(({ kind }) => kind === 'open')) return { admission: { kind: 'open' }, lost: [] }
  if (logins.some(isEveryUser)) return { admission: everyUser, lost }
  if (logins.length > 0) {
    const [users, groups] = [logins.flatMap((each) => each.users), logins.flatMap((each) => each.groups)]
    return { admission: { kind: 'login', users, groups }, lost }
  }
  const isClosed = all.length > 0 && all.every(({ admission }) => admission.kind === 'closed')
  return { admission: { kind: isClosed ? 'closed' : 'open' }, lost }
}

/** Of several logins the one that asks for more. */
function allOf(demands: readonly Demand[]): Admitted {
  const all = demands.map((demand) => ({ ...admitOne(demand), directive: demand.directive }))
  const lost = all.flatMap((each) => each.lost)
  if (all.some(({ admission }) => admission.kind === 'closed')) return { admission: { kind: 'closed' }, lost }
  const logins = all.filter(({ admission }) => admission.kind === 'login')
  const narrow = logins.filter(({ admission }) => !isEveryUser(admission))
  const [first, ...others] = narrow.length > 0 ? narrow : logins.slice(0, 1)
  if (first === undefined) return { admission: { kind: 'open' }, lost }
  const why = 'of several logins that must all be had there is only the first'
  return { admission: first.admission, lost: [...lost, ...others.map(({ directive }) => ({ ...directive, why }))] }
}
