// The environment of a worker, built from nothing: never a variable of the supervisor's own.
import type { Identity } from './plan.ts'

/**
 * What every worker of a group has in its environment; names in `env` win.
 *
 * @param env the option of that name
 */
export function buildEnvironment(identity: Identity, env: Readonly<Record<string, string>>) {
  return {
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: identity.homeDirectory,
    USER: identity.userName,
    LOGNAME: identity.userName,
    SHELL: identity.shell,
    LANG: 'C.UTF-8',
    LC_ALL: 'C.UTF-8',
    TMPDIR: '/tmp',
    ...env,
  }
}
