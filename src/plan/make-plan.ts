// Configuration + facts → what shall run, or everything that is wrong with it. Pure: asks the machine nothing.
import { groupName, serverLogName } from '../config/group-schema.ts'
import { sortDiagnostics, type Diagnostic } from '../config/diagnostics.ts'
import type { Configuration, ServerConfiguration } from '../config/configuration.ts'
import type { GroupConfiguration } from '../config/group-configuration.ts'
import { planAdmin } from './admin.ts'
import { partNames, partsOf } from './application-groups.ts'
import { planApplications } from './applications.ts'
import { findIdle, findUndefined } from './captures.ts'
import { directApplications } from './directed-applications.ts'
import { checkServerPaths, checkSocketPath, resolveDirectories, type Directories } from './directories.ts'
import { checkAuthentication } from './authentication.ts'
import { checkChroot } from './chroot.ts'
import { findContradictions } from './contradictions.ts'
import { resolveEnvironment } from './environment.ts'
import type { Facts } from './facts.ts'
import { checkGroupPaths } from './group-paths.ts'
import { identityOf, resolveIdentity } from './identity.ts'
import { resolveInterpreter } from './interpreter.ts'
import { planListeners } from './listeners.ts'
import { planLogRotation } from './log-rotation.ts'
import type { AdminPlan, ClientLimits, GroupPlan, Identity, ListenerPlan, ServerPlan } from './plan.ts'
import { partition, refused, resolved, type Resolved } from './problem.ts'
import { resolveRouterIdentity, type Tenant } from './router-identity.ts'
import { findForeignScripts, resolveScriptDirectories, type ScriptDirectories } from './script-directories.ts'
import { resolveScriptOwner } from './script-owner.ts'
import { checkStatic, resolveStatic } from './static-directories.ts'
import { tolerate } from './tenants-fault.ts'
import { findDoubles } from './uniqueness.ts'
import { gid, uid } from '../units.ts'

/** `leftOut` are the names of instances of `for-each` that cannot run; `warnings` say why, and which applications others are left without. */
export type PlanResult =
  | Readonly<{ ok: true; plan: ServerPlan; warnings: readonly Diagnostic[]; leftOut: readonly string[] }>
  | Readonly<{ ok: false; diagnostics: readonly Diagnostic[] }>

/**
 * Resolves a configuration into a plan: identities, directories, environments, routes.
 *
 * @param configured as the files have it
 * @param facts what `questionsOf(configured)` asks for; what they lack is taken not to exist
 * @returns the plan, groups in the order of the configuration; or all diagnostics, in no order
 */
export function makePlan(configured: Configuration, facts: Facts): PlanResult {
  const configuration = directApplications(configured)
  const { server } = configuration
  const directories = resolveDirectories(server, facts)
  // A group that directs all its applications elsewhere has no workers, and nobody to run them as.
  const staffed = configuration.groups.filter(({ applications }) => applications.length > 0)
  const identified = staffed.map((group) => ({ group, identity: resolveIdentity(group, facts) }))
  const places = resolveScriptDirectories(server, facts)
  const router = resolveRouterIdentity(server, identified.flatMap(tenantOf), facts)
  const around = {
    ...directories,
    server,
    scriptDirectories: places.ok ? places.value : null,
    router: router.ok ? router.value : null,
  }
  const planned = identified.map(({ group, identity }) => ({
    name: group.name,
    ...tolerate(group, (served) => planGroup({ group: served, identity }, around, facts)),
  }))
  const groups = partition(planned.map(({ plan }) => plan))
  const listening = planListeners(server, facts)
  const admin = planAdmin(server, facts)
  const diagnostics = [
    ...findDoubles(configured),
    ...findUndefined(configured),
    ...findIdle(configured, configuration),
    ...checkServerPaths(configuration, directories, facts),
    ...groups.diagnostics,
    ...(listening.ok ? [] : listening.diagnostics),
    ...(admin.ok ? [] : admin.diagnostics),
    ...(router.ok ? [] : router.diagnostics),
    ...(places.ok ? [] : places.diagnostics),
  ]
  if (!listening.ok || !admin.ok || !router.ok || diagnostics.length > 0) return { ok: false, diagnostics }
  const { listeners, warnings } = listening.value
  const parts = { directories, listeners, groups: groups.values.flat(), router: router.value, admin: admin.value }
  return {
    ok: true,
    plan: planServer(configuration, parts, facts),
    warnings: sortDiagnostics([...warnings, ...planned.flatMap((each) => each.warnings)]),
    leftOut: planned.filter(({ isLeftOut }) => isLeftOut).map(({ name }) => name),
  }
}

/** A group with whom it runs as, if that is known. */
type Identified = Readonly<{ group: GroupConfiguration; identity: Resolved<Identity> }>

function tenantOf({ group, identity }: Identified): readonly Tenant[] {
  if (!identity.ok) return []
  return [{ identity: identity.value, name: group.name, placeOf: () => group.placeOf(['user']) }]
}

type Parts = Readonly<{
  directories: Directories
  listeners: readonly ListenerPlan[]
  groups: readonly GroupPlan[]
  router: Identity
  admin: AdminPlan | null
}>

function planServer(
  { server }: Configuration,
  { directories, listeners, groups, router, admin }: Parts,
  facts: Facts,
): ServerPlan {
  return {
    configFile: server.path,
    ...directories,
    logRotation: planLogRotation(server),
    listeners,
    routerIdentity: router,
    routers: server.routers,
    routerSettings: {
      accessLog: server.accessLog,
      trustedProxies: server.trustedProxies,
      trustedProxyHeaders: server.trustedProxyHeaders,
      limits: shareOf(server),
    },
    watch: server.watch,
    admin,
    privileged: facts.process.uid === 0,
    groups,
  }
}

/** The limits of one of the routers. */
function shareOf({ limits, routers }: ServerConfiguration): ClientLimits {
  return { ...limits, maximumConnections: Math.ceil(limits.maximumConnections / routers) }
}

/** What the server says that every group goes by. */
type Around = Directories &
  Readonly<{ server: ServerConfiguration; scriptDirectories: ScriptDirectories; router: Identity | null }>

function planGroup({ group, identity }: Identified, around: Around, facts: Facts): Resolved<readonly GroupPlan[]> {
  const { runDir, server, scriptDirectories, router } = around
  const planned = planApplications(group)
  const resolutions = identity.ok
    ? resolveGroup(group, identity.value, facts)
    : refused(...identity.diagnostics, ...whoeverRuns(group, facts))
  const diagnostics = [
    ...checkName(group),
    ...findContradictions(group, facts),
    ...checkChroot(group, facts),
    ...checkStatic(group, router, facts),
    ...findForeignScripts(group, { server, directories: scriptDirectories }, facts),
    ...partNames(group.name, planned).flatMap((name) => checkSocketPath({ name, placeOf: group.placeOf }, runDir)),
    ...(resolutions.ok ? [] : resolutions.diagnostics),
  ]
  if (!resolutions.ok || diagnostics.length > 0) return refused(...diagnostics)
  const applications = planned.map((each) => ({ ...each, static: resolveStatic(each.static, facts) }))
  return resolved(partsOf({ ...settingsOf(group), ...resolutions.value, applications, scriptDirectories }))
}

/** What is wrong with a group's files whoever runs it: that they are not there, not whose they are or who may read them. */
function whoeverRuns(group: GroupConfiguration, facts: Facts): readonly Diagnostic[] {
  const almighty = identityOf({ user: uid(0), group: gid(0), groups: [], account: undefined }, facts)
  const result = resolveGroup(group, almighty, facts)
  return result.ok ? [] : result.diagnostics.filter(({ code }) => code !== 'unsafe-path')
}

/** What the machine has a say in. */
function resolveGroup(group: GroupConfiguration, identity: Identity, facts: Facts) {
  const python = resolveInterpreter(group, facts)
  const environment = resolveEnvironment(group, identity, facts)
  const owner = resolveScriptOwner(group, facts)
  const paths = [
    ...checkGroupPaths(group, { identity, python: python.ok ? python.value : null }, facts),
    ...checkAuthentication(group, identity, facts),
  ]
  if (python.ok && environment.ok && owner.ok && paths.length === 0)
    return resolved({ identity, python: python.value, environment: environment.value, ...owner.value })
  return refused(...partition<unknown>([python, environment, owner]).diagnostics, ...paths)
}

/** What a plan takes over from the configuration as it is. */
function settingsOf(group: GroupConfiguration) {
  const {
    file,
    path: _path,
    foundIn: _foundIn,
    placeOf: _placeOf,
    user: _user,
    group: _group,
    supplementaryGroups: _further,
    python: _python,
    pythonHome: _pythonHome,
    pythonEggs: _pythonEggs,
    lang: _lang,
    locale: _locale,
    env: _env,
    envFile: _envFile,
    scriptUser: _scriptUser,
    scriptGroup: _scriptGroup,
    applications: _applications,
    ...settings
  } = group
  return { ...settings, source: file, displayName: group.displayName.replaceAll('%{GROUP}', group.name) }
}

// A name that is given was checked with the other options; one from the file's name was not.
function checkName({ name, placeOf }: GroupConfiguration): readonly Diagnostic[] {
  if (name === serverLogName)
    return [
      {
        ...placeOf(['name']),
        code: 'invalid-value',
        what: `a group cannot have the name "${name}": ${name}.log is the log of the server itself`,
        cure: 'give the group another name: its own, or that of its file',
      },
    ]
  if (groupName.test(name)) return []
  return [
    {
      ...placeOf(['name']),
      code: 'invalid-value',
      what: `the file's name gives the group the name "${name}", which cannot be a group's`,
      cure: 'add name: with a letter or digit, then letters, digits, ".", "_" or "-", at most 64 in all',
    },
  ]
}
