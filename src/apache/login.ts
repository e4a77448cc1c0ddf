// Auth* and Require of the sections that hold for an application → its `auth`. What Apache asks for a part of the URLs becomes `paths`.
import { lineOf, type Demand, type Line, type Login } from './collected.ts'
import { admit, type Admission } from './demands.ts'
import type { Options, Remark } from './draft.ts'
import type { Holding } from './sections.ts'

/** A part of an application, "" being all of it; `line` is what makes it one. */
export type Part = Readonly<{ path: string; holdings: readonly Holding[]; line: Line }>

/** `auth` undefined: nobody is asked. `isClosed`: nobody may pass at all. */
export type Access = Readonly<{ auth: Options | undefined; isClosed: boolean; remarks: readonly Remark[] }>

/**
 * @param holdings of the application, in Apache's order
 * @param directories its static directories
 */
export function accessOf(holdings: readonly Holding[], directories: readonly Part[]): Access {
  const whole = partAccess(holdings.filter(({ below }) => below === ''))
  const remarks = [...whole.remarks]
  if (whole.admission.kind === 'closed') return { auth: undefined, isClosed: true, remarks }
  const paths: string[] = []
  let { auth } = whole
  const parts = [...partsOf(holdings), ...directories].map((part) => ({ part, access: partAccess(part.holdings) }))
  const asking = parts.flatMap(({ part, access }) => (access.auth === undefined ? [] : [part.path]))
  for (const { part, access } of parts) {
    const isInside = whole.auth !== undefined || asking.some((path) => part.path.startsWith(`${path}/`))
    const why = differenceOf(access, auth, isInside)
    remarks.push(...access.remarks, ...(why === undefined ? [] : [{ ...part.line, why }]))
    if (whole.auth !== undefined || access.auth === undefined) continue
    // One is all that an application can have: further paths join the first.
    auth ??= access.auth
    paths.push(part.path)
  }
  return { auth: auth && (paths.length === 0 ? auth : { ...auth, paths }), isClosed: false, remarks }
}

function partsOf(holdings: readonly Holding[]): readonly Part[] {
  const parts = new Map(holdings.filter(({ below }) => below !== '').map(({ below, overlay }) => [below, overlay]))
  return [...parts].map(([path, line]) => {
    const around = holdings.filter(({ below }) => below === '' || path === below || path.startsWith(`${below}/`))
    return { path, holdings: around, line }
  })
}

/** Why the access to a part cannot be as it was; undefined: it can. @param known the login of the whole, or of other parts @param isInside of what asks for it */
function differenceOf(part: PartAccess, known: Options | undefined, isInside: boolean): string | undefined {
  if (part.admission.kind === 'closed') return 'a part of an application cannot be closed: it is open now'
  if (part.auth === undefined)
    return isInside ? 'what is around it asks for a password: it is asked here too' : undefined
  if (known === undefined || JSON.stringify(known) === JSON.stringify(part.auth)) return undefined
  return 'an application has one login: the first holds here too'
}

/** Whether nobody may pass where these hold. */
export const isClosedBy = (holdings: readonly Holding[]): boolean => partAccess(holdings).admission.kind === 'closed'

type PartAccess = Readonly<{ admission: Admission; auth: Options | undefined }>

/** The last section that says anything of Require decides; what sections say of passwords is added up. */
function partAccess(holdings: readonly Holding[]): PartAccess & Readonly<{ remarks: readonly Remark[] }> {
  const settings = holdings.map(({ overlay }) => overlay.settings)
  const demands: readonly Demand[] = settings.findLast((each) => each.demands.length > 0)?.demands ?? []
  const login = settings.reduce<Login>((sum, each) => ({ ...sum, ...each.login }), {})
  const { admission, lost: remarks } = admit(demands)
  const auth = admission.kind === 'login' ? authOf(login, admission) : undefined
  if (admission.kind !== 'login' || auth !== undefined) return { admission, auth, remarks }
  const why = 'nobody is asked: a login needs AuthType Basic or Digest, AuthName and AuthUserFile'
  const asking = demands.map(({ directive }) => ({ ...lineOf(directive), why }))
  return { admission: { kind: 'open' }, auth, remarks: [...remarks, ...asking] }
}

function authOf(login: Login, { users: required, groups }: Admission & { kind: 'login' }): Options | undefined {
  const { type = '', realm, users, groups: groupFile, provider = true } = login
  if (!provider || realm === undefined || users === undefined || !/^(?:basic|digest)$/.test(type)) return undefined
  if (groups.length > 0 && groupFile === undefined) return undefined
  return {
    ...(type === 'digest' && { type }),
    ...{ realm, users },
    ...(groupFile !== undefined && groups.length > 0 && { groups: groupFile }),
    ...((required.length > 0 || groups.length > 0) && {
      require: { ...(required.length > 0 && { users: required }), ...(groups.length > 0 && { groups }) },
    }),
  }
}
