// The command lines that give a process its identity and its limits before any code of a tenant runs. Pure: touches no process, no file.
import { envInChroot } from '../plan/chroot.ts'
import { isSteering } from '../plan/environment.ts'
import type { GroupPlan, Identity } from '../plan/plan.ts'

/** Absolute paths of util-linux's and coreutils' programs: root must not look them up in a tenant's PATH. */
export type Tools = Readonly<{
  setpriv: string
  prlimit: string
  env: string
  nice: string
  chroot: string
}>

/** What to spawn: `env` is the environment that the first program of the chain gets. */
export type Command = Readonly<{ file: string; args: readonly string[]; env: Readonly<Record<string, string>> }>

type Limits = Pick<GroupPlan, 'cpuPriority' | 'cpuTimeLimit' | 'shutdownTimeout' | 'memoryLimit' | 'virtualMemoryLimit'>

/** A group as far as its processes' start goes; a whole GroupPlan will do. */
export type Launch = Limits & Pick<GroupPlan, 'identity' | 'python' | 'environment' | 'chroot' | 'home'>

/**
 * The command of a group's Python: `nice … prlimit … -- setpriv … -- PYTHON PROGRAM`, with a `chroot` behind setpriv where asked for.
 *
 * Privileged, the process ends up with exactly the identity's uids, gids and groups, no capability in any set (but see `enter`), and no_new_privs.
 * Otherwise it keeps the current identity and gets no_new_privs.
 *
 * @param program directory (or file) that Python runs; readable by the identity. In a chroot, a path inside of it
 * @returns a command to be spawned in "/" when there is a chroot, else in the group's home
 */
export function workerCommand(
  tools: Tools,
  group: Launch,
  { privileged, program }: Readonly<{ privileged: boolean; program: string }>,
): Command {
  return commandOf(tools, group, { privileged, command: [group.python, program] })
}

/** Any command with the identity, the limits and the environment of a group's workers; as workerCommand otherwise. */
export function commandOf(
  tools: Tools,
  group: Launch,
  { privileged, command }: Readonly<{ privileged: boolean; command: readonly string[] }>,
): Command {
  const { passed, withheld } = splitEnvironment(group.environment)
  const chain = privileged
    ? [...takeIdentity(tools, group), ...withEnvironment(tools, group, withheld), ...command]
    : [tools.setpriv, '--no-new-privs', '--inh-caps=-all', orphaned, '--', ...command]
  const [file = tools.prlimit, ...args] = [...withPriority(tools, group), ...withLimits(tools, group), ...chain]
  return { file, args, env: privileged ? passed : group.environment }
}

/**
 * How V8 keeps a router's objects: nearly all live for one request, so a young generation that fits into the processor's cache is collected
 * often and at little cost, in one thread (waking others costs more than they take over). See decisions 0017, and 0022 for what is exposed.
 */
const HEAP = ['--min-semi-space-size=2', '--max-semi-space-size=2', '--no-parallel-scavenge', '--expose-gc']

/**
 * The command of a router. It starts with the supervisor's uid and takes its own by the `configure` message, before it touches a
 * socket: node and this package may stand where only root can read. Nothing but setuid and setgid is left in its bounding set.
 */
export function routerCommand(
  tools: Tools,
  router: { privileged: boolean; program: string; environment: Readonly<Record<string, string>> },
): Command {
  const drop = router.privileged
    ? ['--no-new-privs', '--inh-caps=-all', '--bounding-set=-all,+setuid,+setgid']
    : ['--no-new-privs', '--inh-caps=-all']
  const args = [...drop, '--', process.execPath, ...HEAP, router.program]
  return { file: tools.setpriv, args, env: router.environment }
}

function withPriority({ nice }: Tools, { cpuPriority }: Limits): string[] {
  return cpuPriority === 0 ? [] : [nice, '-n', String(cpuPriority)]
}

function withLimits({ prlimit }: Tools, { cpuTimeLimit, shutdownTimeout, memoryLimit, virtualMemoryLimit }: Limits) {
  const cpu = inWholeSeconds(cpuTimeLimit)
  return [
    prlimit,
    // A core of a worker holds passwords and sessions and lies in a directory of the tenant.
    '--core=0',
    // SIGXCPU at the first, SIGKILL at the second: mod_wsgi's, so that a worker can still drain.
    ...(cpu === 0 ? [] : [`--cpu=${cpu}:${cpu + 1 + inWholeSeconds(shutdownTimeout)}`]),
    ...(memoryLimit === 0 ? [] : [`--data=${memoryLimit}`]),
    ...(virtualMemoryLimit === 0 ? [] : [`--as=${virtualMemoryLimit}`]),
    '--',
  ]
}

const inWholeSeconds = (duration: number): number => Math.ceil(duration / 1000)

function takeIdentity(tools: Tools, { identity, chroot }: Launch): string[] {
  return chroot === null ? [...dropTo(tools, identity), '--'] : enter(tools, identity, chroot)
}

function dropTo(tools: Tools, { uid, gid, groups }: Identity): string[] {
  return [
    tools.setpriv,
    `--reuid=${uid}`,
    `--regid=${gid}`,
    groups.length > 0 ? `--groups=${groups.join(',')}` : '--clear-groups',
    ...['--no-new-privs', '--inh-caps=-all', '--ambient-caps=-all', '--bounding-set=-all', orphaned],
  ]
}

/** A process that is stuck in an import does not see the end of its control socket; once it serves, it ignores this signal. */
const orphaned = '--pdeathsig=HUP'

/**
 * setpriv would have to be inside of the chroot to drop privileges there, and would run as root from the tenant's files. The host's chroot(1) does both
 * in one process: chroot(2), setgroups, setgid, setuid, exec. For that three capabilities stay in the bounding set, which only limits what could
 * be gained: no_new_privs and the change away from uid 0, which empties the permitted set, leave nothing to gain them from.
 *
 * No signal at the supervisor's death here: a change of the uid clears it (prctl(2), PR_SET_PDEATHSIG).
 *
 * The "+" is for numeric ids: without it chroot(1) looks them up as names first, inside of the chroot, by name service modules that it would load as root
 * from there.
 */
function enter(tools: Tools, { uid, gid, groups }: Identity, chroot: string): string[] {
  return [
    tools.setpriv,
    ...['--no-new-privs', '--inh-caps=-all', '--ambient-caps=-all', '--bounding-set=-all,+sys_chroot,+setuid,+setgid'],
    '--',
    tools.chroot,
    `--userspec=+${uid}:+${gid}`,
    `--groups=${groups.map((group) => `+${group}`).join(',')}`,
    chroot,
  ]
}

function splitEnvironment(environment: Readonly<Record<string, string>>) {
  const entries = Object.entries(environment)
  return {
    passed: Object.fromEntries(entries.filter(([name]) => !isSteering(name))),
    withheld: entries.filter(([name]) => isSteering(name)),
  }
}

/** Behind the change of identity: the variables that were withheld, and in a chroot the working directory, which does not exist before it. */
function withEnvironment(
  tools: Tools,
  { chroot, home }: Launch,
  withheld: readonly (readonly [string, string])[],
): string[] {
  const variables = withheld.map(([name, value]) => `${name}=${value}`)
  if (chroot !== null) return [envInChroot, ...(home === null ? [] : [`--chdir=${home}`]), '--', ...variables]
  return variables.length === 0 ? [] : [tools.env, '--', ...variables]
}
