// Runs programs as one of the tenants, as an administrator would with setpriv. Without root: as the current user.
import { execa } from 'execa'
import { account } from './accounts.ts'
import { isRoot } from './test.ts'

export type AsOptions = Readonly<{ cwd: string; env?: Readonly<Record<string, string>>; input?: string }>

/**
 * Runs a command as a user, with that user's primary group alone, in an environment of PATH and what is given.
 *
 * @returns its standard output @throws when it fails, with what it printed
 */
export async function runAs(
  user: string,
  command: readonly [string, ...string[]],
  options: AsOptions,
): Promise<string> {
  const { uid, gid } = account(user)
  const identity = isRoot ? ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups'] : ['env']
  const [program, ...rest] = [...identity, ...command] as const
  const { stdout } = await execa(program ?? 'env', rest, {
    cwd: options.cwd,
    env: { PATH: '/usr/bin:/bin', LC_ALL: 'C.UTF-8', ...options.env },
    extendEnv: false,
    ...(options.input === undefined ? { stdin: 'ignore' } : { input: options.input }),
  })
  return stdout
}
