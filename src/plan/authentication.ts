// Whether the files that `auth` names are there, readable for the group and understood; and what is read as what.
import type { Diagnostic } from '../config/diagnostics.ts'
import type { AuthConfiguration, GroupConfiguration } from '../config/group-configuration.ts'
import { barrier } from './access.ts'
import { parseCredentials, type CredentialEntry, type CredentialKind } from './credential-files.ts'
import { isRootsAlone } from './credential-trust.ts'
import { credentialKey, findPath, ownership, type Facts } from './facts.ts'
import type { Identity } from './plan.ts'
import { at, type Problem } from './problem.ts'
import { hasReferences } from './references.ts'
import { distrustedCredentials } from './trust.ts'

/** A file of `auth` and what it is read as. */
export type CredentialSource = Readonly<{ option: 'users' | 'groups'; kind: CredentialKind; path: string }>

type Files = Pick<AuthConfiguration, 'type' | 'users' | 'groups'>

/** The files of one `auth`. */
export function credentialSources({ type, users, groups }: Files): readonly CredentialSource[] {
  const file: CredentialSource = { option: 'users', kind: type, path: users }
  return groups === null ? [file] : [file, { option: 'groups', kind: 'groups', path: groups }]
}

/** What speaks against the files of all applications of a group. */
export function checkAuthentication(
  group: GroupConfiguration,
  identity: Identity,
  facts: Facts,
): readonly Diagnostic[] {
  return group.applications.flatMap(({ auth, placeOf }) => {
    if (auth === null) return []
    // A path with a capture is refused as such (captures.ts).
    const sources = credentialSources(auth).filter(({ path }) => !hasReferences(path))
    return sources.flatMap((source) => {
      const problems = problemsOf(source, { group: group.name, realm: auth.realm, identity }, facts)
      return at(() => placeOf(['auth', source.option]), problems)
    })
  })
}

type Use = Readonly<{ group: string; realm: string; identity: Identity }>

function problemsOf(source: CredentialSource, use: Use, facts: Facts): readonly Problem[] {
  const { option, path } = source
  const way = findPath(facts, path, null)
  const name = `${option} "${path}"`
  if (!way.found)
    return [unusable(`${name} cannot be read: ${way.reason} at "${way.missing}"`, 'mind the spelling, or make it')]
  if (way.target.kind !== 'file') return [unusable(`${name} is not a file`, 'name a file')]
  if (facts.process.uid === 0) {
    const unsafe = distrustedCredentials(way, use.identity, { facts, name })
    const shut = isRootsAlone(way) ? undefined : barrier(way, use.identity, 'read')
    const who = `user "${use.identity.userName}"`
    const closed =
      shut && unusable(`${name} cannot be read by ${who}: "${shut.path}" is ${ownership(facts, shut)}`, cureForClosed)
    if (closed || unsafe.length > 0) return [...unsafe, ...(closed ? [closed] : [])]
  }
  const read = facts.credentialFiles.get(credentialKey(use.group, path))
  // Of a group whose user is not known nobody can read them: that is told of the user.
  if (read === undefined) return []
  if (!read.ok) return [unusable(`${name} cannot be read: ${read.reason}`, "let the group's user read it")]
  return problemsOfText(read.text, { ...source, name, realm: use.realm })
}

const cureForClosed =
  "what a tenant can replace is read as that tenant: let the group's user read it, or keep it where only root can write"

type Named = CredentialSource & Readonly<{ name: string; realm: string }>

function problemsOfText(text: string, { kind, name, realm }: Named): readonly Problem[] {
  const { entries, wrong } = parseCredentials(text, kind)
  if (wrong.length > 0) {
    const more = wrong.length > 1 ? `, and ${wrong.length - 1} more lines` : ''
    return wrong
      .slice(0, 1)
      .map(({ line, why }) => unusable(`${name}, line ${line}: ${why}${more}`, curesOfLines[kind]))
  }
  return kind === 'digest' && entries.length > 0 && !entries.some((entry) => isOfRealm(entry, realm))
    ? [unusable(`${name} has nobody of the realm "${realm}"`, `add one: htdigest FILE "${realm}" USER`)]
    : []
}

const isOfRealm = ([, realm]: CredentialEntry, wanted: string): boolean => realm === wanted

const curesOfLines: Readonly<Record<CredentialKind, string>> = {
  basic: 'write the line with htpasswd -B FILE USER, or remove it',
  digest: 'write the line with htdigest FILE REALM USER, or remove it',
  groups: 'write "name: user user", one group a line',
}

const unusable = (what: string, cure: string): Problem => ({ code: 'unusable-path', what, cure })
