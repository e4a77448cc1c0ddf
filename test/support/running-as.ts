// Runs programs as one of the tenants, as an administrator would with setpriv. Without root: as the current user.
import { execa } from 'execa'
import { account } from './accounts.ts'
import { isRoot } from './test.ts'

export type AsOptions = Readonly<{ cwd: string; env?: Readonly<Record<string, string>>; input?: string }>
export type CommandResult = Readonly<{ exitCode: number; stdout: string; stderr: string }>

type Command = readonly [string, ...string[]]

/**
 * Runs a command as a user, with that user's primary group alone, in an environment of PATH and what is given.
 *
 * @returns its standard output @throws when it fails, with what it printed
 */
export async function runAs(user: string, command: Command, options: AsOptions): Promise<string> {
  const { stdout } = await execa('/usr/bin/env', asUser(user, command), surroundings(options))
  return stdout
}

/** The same for a command that may fail. */
export async function outcomeAs(user: string, command: Command, options: AsOptions): Promise<CommandResult> {
  const result = await execa('/usr/bin/env', asUser(user, command), { ...surroundings(options), reject: false })
  return { exitCode: result.exitCode ?? -1, stdout: result.stdout, stderr: result.stderr }
}

/** The words for env(1) that run a command as a user. */
export function asUser(user: string, command: Command): readonly string[] {
  const { uid, gid } = account(user)
  return isRoot ? ['setpriv', `--reuid=${uid}`, `--regid=${gid}`, '--clear-groups', ...command] : command
}

const surroundings = ({ cwd, env, input }: AsOptions) => ({
  cwd,
  env: { PATH: '/usr/bin:/bin', LC_ALL: 'C.UTF-8', ...env },
  extendEnv: false,
  ...(input === undefined ? { stdin: 'ignore' as const } : { input }),
})
