// What the plan has to know of the machine, read beforehand by facts/: accounts, files, this process. Types and look-ups only.
import type { CertificatePaths } from '../config/listener-configuration.ts'
import { gid, type Gid, type Uid } from '../units.ts'

/** A line of the passwd database. */
export type Account = Readonly<{ name: string; uid: Uid; gid: Gid; home: string; shell: string }>
/** A line of the group database. */
export type AccountGroup = Readonly<{ name: string; gid: Gid }>

/** One thing that the kernel touches on the way to a path: a directory, a symbolic link, or what the path leads to. */
export type PathStep = Readonly<{
  path: string
  kind: 'directory' | 'file' | 'link' | 'socket' | 'other'
  uid: Uid
  gid: Gid
  /** Permission bits with setuid, setgid and sticky: 0 … 0o7777. */
  mode: number
}>

/** The way to a path, links followed, from "/" on. */
export type PathFacts =
  | Readonly<{ found: true; steps: readonly PathStep[]; target: PathStep }>
  /** `missing` could not be looked at; `reason` is errno's name, such as ENOENT or EACCES. */
  | Readonly<{ found: false; steps: readonly PathStep[]; missing: string; reason: string }>

/** A file of variables as text, or errno's name, or why wsgid does not read such a file. */
export type EnvironmentText = Readonly<{ ok: true; text: string }> | Readonly<{ ok: false; reason: string }>

/** A certificate and its key that belong together, or which of the two files is of no use and why (errno's name, or words). */
export type CertificateFacts =
  | Readonly<{
      ok: true
      /** PEM texts; the key is a secret. */
      certificate: string
      key: string
      /** DNS names of the subjectAltName, lower case. */
      names: readonly string[]
      /** ISO 8601. */
      from: string
      until: string
      validity: 'valid' | 'expired' | 'not-yet'
    }>
  | Readonly<{ ok: false; of: 'certificate' | 'key'; reason: string }>

/** By what a pair of files is found in the facts. */
export const certificateKey = ({ certificate, key }: CertificatePaths): string => `${certificate}\0${key}`

/** A file of users or groups as text, bytes as latin-1; or why it is not read. */
export type CredentialText = EnvironmentText

/** Under which a file of a group's `auth` is kept: whether it may be read depends on the group's user. */
export const credentialKey = (group: string, path: string): string => `${group}\0${path}`

/** A snapshot of what was asked for; whatever is not in a map does not exist. */
export type Facts = Readonly<{
  process: Readonly<{ uid: Uid; gid: Gid; groups: readonly Gid[] }>
  /** Of the supervisor's own environment, for default directories only: never passed on to a worker. */
  directories: Readonly<{ runtime: string | undefined; state: string | undefined; home: string | undefined }>
  accountsByName: ReadonlyMap<string, Account>
  accountsByUid: ReadonlyMap<number, Account>
  groupsByName: ReadonlyMap<string, AccountGroup>
  groupsByGid: ReadonlyMap<number, AccountGroup>
  /** Supplementary groups by account name, without its primary one. */
  memberships: ReadonlyMap<string, readonly Gid[]>
  /** By the path as asked for. */
  paths: ReadonlyMap<string, PathFacts>
  /** By root directory, then by the path inside of it as asked for: links lead to what a process in that root would find. Steps have their real paths. */
  chrootPaths: ReadonlyMap<string, ReadonlyMap<string, PathFacts>>
  /** By the path as asked for. */
  environmentFiles: ReadonlyMap<string, EnvironmentText>
  /** By `certificateKey`. */
  certificates: ReadonlyMap<string, CertificateFacts>
  /** By `credentialKey`; those of a group whose user is not known are not among them: nobody could read them for it. */
  credentialFiles: ReadonlyMap<string, CredentialText>
}>

/** The way to a path, inside of a root directory or (null) in the system's. */
export function findPath(facts: Facts, path: string, chroot: string | null): PathFacts {
  const way = chroot === null ? facts.paths.get(path) : facts.chrootPaths.get(chroot)?.get(path)
  return way ?? { found: false, steps: [], missing: path, reason: 'ENOENT' }
}

/** Finds an account by name, or by uid when the text is digits. */
export function findAccount(facts: Facts, nameOrUid: string): Account | undefined {
  return isNumber(nameOrUid) ? facts.accountsByUid.get(Number(nameOrUid)) : facts.accountsByName.get(nameOrUid)
}

/** Finds a group by name, or by gid when the text is digits: a gid needs no entry in the database. */
export function findGroup(facts: Facts, nameOrGid: string): AccountGroup | undefined {
  if (!isNumber(nameOrGid)) return facts.groupsByName.get(nameOrGid)
  return facts.groupsByGid.get(Number(nameOrGid)) ?? { name: nameOrGid, gid: gid(Number(nameOrGid)) }
}

/** Whether an account or group is given by number. */
export const isNumber = (text: string): boolean => /^\d+$/.test(text)

/** "root:staff 0664", as messages name who may do what with a file. */
export function ownership(facts: Facts, { uid, gid: group, mode }: PathStep): string {
  const owner = facts.accountsByUid.get(uid)?.name ?? String(uid)
  return `${owner}:${groupNameOf(facts, group)} ${mode.toString(8).padStart(4, '0')}`
}

/** A group's name, or its number in digits. */
export const groupNameOf = (facts: Facts, id: Gid): string => facts.groupsByGid.get(id)?.name ?? String(id)
