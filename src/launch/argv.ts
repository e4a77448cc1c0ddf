// The command lines that give a process its identity before any code of a tenant runs. Pure: touches no process, no file.
import type { Identity } from '../plan/plan.ts'

/** Absolute paths of util-linux's and coreutils' programs: root must not look them up in a tenant's PATH. */
export type Tools = Readonly<{ setpriv: string; prlimit: string; env: string }>

/** What to spawn: `env` is the environment that the first program of the chain gets. */
export type Command = Readonly<{ file: string; args: readonly string[]; env: Readonly<Record<string, string>> }>

/**
 * The command of a worker: `prlimit … -- setpriv … -- PYTHON PROGRAM`.
 *
 * Privileged, the worker ends up with exactly the identity's uids, gids and groups, no capability in any set, and no_new_privs.
 * Otherwise it keeps the current identity and gets no_new_privs.
 *
 * @param program directory (or file) that Python runs; readable by the identity
 */
export function workerCommand(
  tools: Tools,
  worker: {
    privileged: boolean
    identity: Identity
    python: string
    program: string
    environment: Readonly<Record<string, string>>
  },
): Command {
  const { passed, withheld } = splitEnvironment(worker.environment)
  const python = [worker.python, worker.program]
  const chain = worker.privileged
    ? [...dropTo(tools, worker.identity), '--', ...withEnvironment(tools, withheld), ...python]
    : [tools.setpriv, '--no-new-privs', '--inh-caps=-all', orphaned, '--', ...python]
  const env = worker.privileged ? passed : worker.environment
  // A core of a worker holds passwords and sessions and lies in a directory of the tenant.
  return { file: tools.prlimit, args: ['--core=0', '--', ...chain], env }
}

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
  return { file: tools.setpriv, args: [...drop, '--', process.execPath, router.program], env: router.environment }
}

function dropTo(tools: Tools, { uid, gid, groups }: Identity): string[] {
  return [
    tools.setpriv,
    `--reuid=${uid}`,
    `--regid=${gid}`,
    groups.length > 0 ? `--groups=${groups.join(',')}` : '--clear-groups',
    '--no-new-privs',
    '--inh-caps=-all',
    '--ambient-caps=-all',
    '--bounding-set=-all',
    orphaned,
  ]
}

/** A worker that is stuck in an import does not see the end of its control socket; once it serves, it ignores this signal. */
const orphaned = '--pdeathsig=HUP'

/**
 * Variables by which the loader and the C library are steered: with these in its environment, a program that still runs as root would load
 * libraries, locales or conversion tables of the tenant's choice. ld.so(8), "Secure-execution mode", lists them; LANGUAGE is
 * gettext's. They travel as arguments of env(1) behind setpriv, where they are the tenant's own affair; none is a secret.
 */
const steering =
  /^(?:LD_|GLIBC_|MALLOC_|GCONV_PATH$|GETCONF_DIR$|HOSTALIASES$|LANGUAGE$|LOCALDOMAIN$|LOCPATH$|NIS_PATH$|NLSPATH$|RESOLV_|RES_|TMPDIR$|TZ$|TZDIR$)/

function splitEnvironment(environment: Readonly<Record<string, string>>) {
  const entries = Object.entries(environment)
  return {
    passed: Object.fromEntries(entries.filter(([name]) => !steering.test(name))),
    withheld: entries.filter(([name]) => steering.test(name)),
  }
}

function withEnvironment(tools: Tools, withheld: readonly (readonly [string, string])[]): string[] {
  return withheld.length === 0 ? [] : [tools.env, '--', ...withheld.map(([name, value]) => `${name}=${value}`)]
}
