// What a template process is told first: a group's plan in the words of the protocol. Pure.
import type { ApplicationPlan, GroupPlan } from '../plan/plan.ts'
import { isBelow } from '../plan/script-directories.ts'
import type { TemplateConfiguration } from '../protocol/supervision.ts'

/** @param place the applications by their numbers, and how many slots the process inherits */
export function templateConfiguration(
  group: GroupPlan,
  place: Readonly<{ slots: number; applications: readonly ApplicationPlan[] }>,
): TemplateConfiguration {
  return {
    type: 'configure',
    group: group.processGroup,
    applicationGroup: group.applicationGroup,
    displayName: group.displayName,
    slots: place.slots,
    threads: group.threads,
    processes: group.maximumProcesses,
    preload: group.preload,
    onDemand: group.start === 'on-demand',
    home: group.home,
    pythonPath: group.pythonPath,
    preloadScripts: group.preloadScripts,
    umask: group.umask,
    switchIntervalSeconds: group.switchInterval === null ? null : group.switchInterval / 1000,
    stackSize: group.stackSize,
    restrictStdout: group.restrictStdout,
    scriptReloading: group.scriptReloading,
    scriptUser: group.scriptUser,
    scriptGroup: group.scriptGroup,
    scriptDirectories: insideOf(group),
    maximumRequests: group.maximumRequests,
    maximumRequestsJitter: group.maximumRequestsJitter,
    maximumMemoryBytes: group.maximumMemory,
    inactivityTimeoutSeconds: group.inactivityTimeout / 1000,
    slowRequestsSeconds: group.slowRequests / 1000,
    requestTimeoutSeconds: group.requestTimeout / 1000,
    interruptTimeoutSeconds: group.interruptTimeout / 1000,
    deadlockTimeoutSeconds: group.deadlockTimeout / 1000,
    gracefulTimeoutSeconds: group.gracefulTimeout / 1000,
    shutdownTimeoutSeconds: group.shutdownTimeout / 1000,
    debug: null,
    // Who may pass and what is served beside it is the routers' business: a tenant's process need not know it.
    applications: place.applications.map(({ auth: _auth, static: _static, ...rest }) => rest),
  }
}

/** A template's configuration for a worker under a debugger: one request at a time, for as long as a person thinks. */
export function debuggedConfiguration(
  configuration: TemplateConfiguration,
  debug: NonNullable<TemplateConfiguration['debug']>,
): TemplateConfiguration {
  return {
    ...configuration,
    displayName: `${configuration.displayName} (debug)`,
    ...{ slots: 1, threads: 1, preload: false, onDemand: false, restrictStdout: 'log', scriptReloading: 'off' },
    ...{ maximumRequests: 0, maximumRequestsJitter: 0, maximumMemoryBytes: 0, inactivityTimeoutSeconds: 0 },
    ...{ slowRequestsSeconds: 0, requestTimeoutSeconds: 0, interruptTimeoutSeconds: 0, deadlockTimeoutSeconds: 0 },
    debug,
  }
}

/** The permitted directories as a worker finds them; in a chroot those outside of it are not there. */
function insideOf({ scriptDirectories, chroot }: GroupPlan): readonly string[] | null {
  if (scriptDirectories === null || chroot === null) return scriptDirectories
  return scriptDirectories.flatMap((path) => {
    if (isBelow(chroot, [path]) || path === chroot) return ['/']
    return isBelow(path, [chroot]) ? [path.slice(chroot.length)] : []
  })
}
