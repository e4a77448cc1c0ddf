// What must happen so that what runs becomes what is wanted, touching nothing that need not change. Pure.
import type { AdminPlan, ApplicationPlan, GroupPlan, ListenerPlan, RouterSettings, ServerPlan } from './plan.ts'

/** At most one entry a group, each list in the order of the plan it comes from. */
export type PlanDiff = Readonly<{
  /** Settings that cannot change while the server runs, in the words of wsgid.yaml. */
  fixed: readonly string[]
  /** Settings of all routers that have changed. */
  settings: readonly (keyof RouterSettings)[]
  /** Options of wsgid.yaml that have changed and hold at once, in its words. */
  options: readonly string[]
  listen: readonly ListenerPlan[]
  unlisten: readonly ListenerPlan[]
  /** Other settings for an address that stays; certificates count by what they say, which is in the plan. */
  relisten: readonly ListenerPlan[]
  /** Where metrics and health are told from now on, if that has changed. */
  admin: readonly (AdminPlan | null)[]
  start: readonly GroupPlan[]
  /** New generation: something has changed that a worker gets at its start. */
  roll: readonly GroupPlan[]
  /** Only what routers go by has changed: no worker is touched. */
  reroute: readonly GroupPlan[]
  /** Names. Routes go first, then the workers drain. */
  stop: readonly string[]
}>

const fixedSettings = {
  runDir: 'run-dir',
  logDir: 'log-dir',
  routerIdentity: 'user',
  routers: 'routers',
  privileged: 'the account that wsgid runs as',
} as const satisfies Partial<Record<keyof ServerPlan, string>>

const serverOptions = { logRotation: 'log rotation', watch: 'watch' } as const satisfies Partial<
  Record<keyof ServerPlan, string>
>

const optionsOfRouters = {
  accessLog: 'access-log',
  trustedProxies: 'trusted-proxies',
  trustedProxyHeaders: 'trusted-proxy-headers',
  limits: 'limits of clients',
} as const satisfies Record<keyof RouterSettings, string>

/** What a group's routers go by; everything else is its workers'. */
const routerSettings = [
  'listenBacklog',
  'connectTimeout',
  'queueTimeout',
  'socketTimeout',
  'responseSocketTimeout',
  'limitRequestBody',
  'responseBufferSize',
  'accessLog',
] as const satisfies readonly (keyof GroupPlan)[]

/** As `routerSettings`, of an application. */
const applicationRouterSettings = [
  'order',
  'aliases',
  'capturedEnviron',
  'auth',
  'static',
] as const satisfies readonly (keyof ApplicationPlan)[]

/**
 * Compares two plans. Groups are matched by name; where a definition stands is no difference. Env files count by what they say, which is in the
 * plan; scripts count by their identity, which is not: see supervisor/reload.
 */
export function diffPlans(running: ServerPlan, wanted: ServerPlan): PlanDiff {
  const before = new Map(running.groups.map((group) => [group.name, group]))
  const names = new Set(wanted.groups.map(({ name }) => name))
  const changes = wanted.groups.map((group) => ({ group, change: changeOf(before.get(group.name), group) }))
  const groupsWith = (wantedChange: Change): readonly GroupPlan[] =>
    changes.flatMap(({ group, change }) => (change === wantedChange ? [group] : []))
  const settings = keysOf(wanted.routerSettings).filter(
    (key) => !isEqual(running.routerSettings[key], wanted.routerSettings[key]),
  )
  return {
    fixed: keysOf(fixedSettings).flatMap((key) => (isEqual(running[key], wanted[key]) ? [] : [fixedSettings[key]])),
    settings,
    options: [
      ...keysOf(serverOptions).flatMap((key) => (isEqual(running[key], wanted[key]) ? [] : [serverOptions[key]])),
      ...settings.map((key) => optionsOfRouters[key]),
    ],
    listen: wanted.listeners.filter((listener) => !find(running.listeners, listener)),
    unlisten: running.listeners.filter((listener) => !find(wanted.listeners, listener)),
    relisten: wanted.listeners.filter((listener) => {
      const before = find(running.listeners, listener)
      return before !== undefined && !isEqual(before, listener)
    }),
    admin: isEqual(running.admin, wanted.admin) ? [] : [wanted.admin],
    start: groupsWith('start'),
    roll: groupsWith('roll'),
    reroute: groupsWith('reroute'),
    stop: running.groups.flatMap(({ name }) => (names.has(name) ? [] : [name])),
  }
}

/** Whether there is nothing to do. */
export function isEmpty(diff: PlanDiff): boolean {
  return Object.values(diff).every((list) => list.length === 0)
}

type Change = 'start' | 'roll' | 'reroute' | 'none'

function changeOf(before: GroupPlan | undefined, after: GroupPlan): Change {
  if (before === undefined) return 'start'
  if (!isEqual(withoutRouterSettings(before), withoutRouterSettings(after))) return 'roll'
  return isEqual(routerPart(before), routerPart(after)) ? 'none' : 'reroute'
}

function routerPart(group: GroupPlan): unknown {
  return {
    settings: routerSettings.map((key) => group[key]),
    applications: group.applications.map((application) => applicationRouterSettings.map((key) => application[key])),
  }
}

/** `source` depends on the working directory of who asks. */
function withoutRouterSettings(group: GroupPlan): unknown {
  return {
    ...without(group, ['source', ...routerSettings]),
    applications: group.applications.map((application) => without(application, applicationRouterSettings)),
  }
}

function without(record: object, keys: readonly string[]): object {
  return Object.fromEntries(Object.entries(record).filter(([key]) => !keys.includes(key)))
}

/** The listener of the same address. */
const find = (list: readonly ListenerPlan[], { address }: ListenerPlan): ListenerPlan | undefined =>
  list.find((other) => isEqual(other.address, address))

const keysOf = <Key extends string>(record: Readonly<Record<Key, unknown>>): Key[] => Object.keys(record) as Key[]

/** Plans are plain data; the order of keys is no difference. */
function isEqual(a: unknown, b: unknown): boolean {
  if (Object.is(a, b)) return true
  if (typeof a !== 'object' || typeof b !== 'object' || a === null || b === null) return false
  if (Array.isArray(a) !== Array.isArray(b)) return false
  const [left, right] = [new Map(Object.entries(a)), new Map(Object.entries(b))]
  return left.size === right.size && [...left].every(([key, value]) => right.has(key) && isEqual(value, right.get(key)))
}
