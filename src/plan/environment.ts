// The environment of a worker, built from nothing: never a variable of the supervisor's own.
import { parseEnvFile } from '../config/env-file.ts'
import type { Diagnostic } from '../config/diagnostics.ts'
import type { GroupConfiguration } from '../config/group-configuration.ts'
import { findPath, ownership, type Facts } from './facts.ts'
import type { Identity } from './plan.ts'
import { at, refused, resolved, type Problem, type Resolved } from './problem.ts'
import { distrustedByRoot } from './trust.ts'

type Wanted = Pick<GroupConfiguration, 'env' | 'envFile' | 'lang' | 'locale' | 'pythonEggs' | 'placeOf'>
type Variables = Readonly<Record<string, string>>

/**
 * Variables by which the loader and the C library are steered: with these in its environment, a program that still runs as root would load
 * libraries, locales or conversion tables of the tenant's choice. ld.so(8), "Secure-execution mode", lists them; LANGUAGE is
 * gettext's. They travel as arguments of env(1), behind the change of identity, where they are the tenant's own affair.
 */
const steering =
  /^(?:LD_|GLIBC_|MALLOC_|GCONV_PATH$|GETCONF_DIR$|HOSTALIASES$|LANG$|LANGUAGE$|LC_|LOCALDOMAIN$|LOCPATH$|NIS_PATH$|NLSPATH$|RESOLV_|RES_|TMPDIR$|TZ$|TZDIR$)/

/** Whether a variable must be kept from programs that still run as root; it shows in a command line then, so no secret may have such a name. */
export const isSteering = (name: string): boolean => steering.test(name)

/** What every worker of a group has in its environment: `env` beats env-file, which beats the options about locales and eggs. */
export function resolveEnvironment(wanted: Wanted, identity: Identity, facts: Facts): Resolved<Variables> {
  const fromFile = wanted.envFile === null ? resolved({}) : readEnvFile(wanted, wanted.envFile, facts)
  if (!fromFile.ok) return fromFile
  return resolved({
    PATH: '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin',
    HOME: identity.homeDirectory,
    USER: identity.userName,
    LOGNAME: identity.userName,
    SHELL: identity.shell,
    LANG: wanted.lang,
    LC_ALL: wanted.locale,
    TMPDIR: '/tmp',
    ...(wanted.pythonEggs === null ? {} : { PYTHON_EGG_CACHE: wanted.pythonEggs }),
    ...fromFile.value,
    ...wanted.env,
  })
}

function readEnvFile({ placeOf }: Wanted, path: string, facts: Facts): Resolved<Variables> {
  const place = () => placeOf(['env-file'])
  const file = facts.environmentFiles.get(path) ?? { ok: false, reason: 'ENOENT' }
  if (!file.ok) return refused({ ...place(), ...unreadable(path, file.reason) })
  const distrusted = facts.process.uid === 0 ? at(place, openToOthers(path, facts)) : []
  if (distrusted.length > 0) return refused(...distrusted)
  const parsed = parseEnvFile(file.text)
  if (!parsed.ok) return refused(...parsed.lines.map((line) => notAnAssignment(path, line)))
  const exposed = Object.keys(parsed.variables).filter(isSteering)
  return exposed.length === 0
    ? resolved(parsed.variables)
    : refused(...exposed.map((name) => ({ ...place(), ...shown(path, name) })))
}

// Root reads it and hands its content to the tenant: a link or a file that a tenant could put there would show him what only root can read.
function openToOthers(path: string, facts: Facts): readonly Problem[] {
  const way = findPath(facts, path, null)
  if (!way.found) return [unreadable(path, way.reason)]
  const { mode, gid } = way.target
  const readable = (mode & 0o004) !== 0 || ((mode & 0o040) !== 0 && gid !== 0)
  return [
    ...distrustedByRoot(way, 'env-file', facts),
    ...(readable
      ? [
          {
            code: 'unsafe-path' as const,
            what: `env-file "${path}" can be read by others (${ownership(facts, way.target)})`,
            cure: 'it is the place of passwords: chmod 0600 it; change those that others may have read',
          },
        ]
      : []),
  ]
}

const unreadable = (path: string, reason: string): Problem => ({
  code: 'cannot-read',
  what: `env-file "${path}" cannot be read: ${reason}`,
  cure: 'name a file with one NAME=VALUE a line',
})

// The text of the line is a secret.
const notAnAssignment = (path: string, line: number): Diagnostic => ({
  ...{ file: path, line, column: 1 },
  code: 'invalid-value',
  what: 'this line is not NAME=VALUE',
  cure: 'write one NAME=VALUE a line, and close every quote; names have letters, digits and "_"',
})

const shown = (path: string, name: string): Problem => ({
  code: 'invalid-value',
  what: `env-file "${path}" sets ${name}, which would show in a command line while a worker starts`,
  cure: `move ${name} to env, or use lang or locale: it steers the programs that start a worker and is no secret`,
})
