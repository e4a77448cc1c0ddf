// Who could change a file that wsgid acts on: as root it must be nobody who would gain rights by it. Design §9.
// Decides over facts; the place of a problem is the caller's.
import { isSticky, isWritableByGroup, isWritableByOthers } from './access.ts'
import { groupNameOf, ownership, type Facts, type PathFacts, type PathStep } from './facts.ts'
import type { Identity } from './plan.ts'
import type { Problem } from './problem.ts'

type Way = PathFacts & Readonly<{ found: true }>

/** What a message calls a step: `script "/srv/a.wsgi"`. */
type Named = Readonly<{ step: PathStep; as: string }>

/**
 * What speaks against a configuration file, run directory or the like of root: it, and every directory and link on its way, must belong to root and
 * be writable by nobody else.
 */
export function distrustedByRoot(way: Way, what: string, facts: Facts): readonly Problem[] {
  return way.steps.flatMap((step) => {
    const named = {
      step,
      as: step === way.target ? `${what} "${step.path}"` : `${step.kind} "${step.path}" above ${what}`,
    }
    if (step.uid !== 0) return [foreign(named, facts, 'chown it to root: whoever owns it decides what root starts')]
    // In a sticky directory such as /tmp nobody but root can replace what belongs to root, and the next step must.
    if (step.kind === 'link' || isSticky(step)) return []
    return writableBy(named, facts, { group: () => true, gain: 'decides what root starts' })
  })
}

/**
 * What speaks against a directory in which wsgid makes files of its own: it must be the current user's and nobody else's to write. What
 * lies above is not asked: /var/log belongs to root:syslog 0775 on some systems.
 */
export function distrustedDirectory({ target }: Way, what: string, facts: Facts): readonly Problem[] {
  const named = { step: target, as: `${what} "${target.path}"` }
  const gain = 'can plant files there'
  if (target.kind !== 'directory')
    return [unsafe(`${named.as} is not a directory`, 'remove what is there, or name another one')]
  if (target.uid !== facts.process.uid)
    return [foreign(named, facts, `whoever owns it ${gain}: chown it, or name another one`)]
  // Without root the group is usually the user's own, and its umask 002.
  return writableBy(named, facts, { group: () => facts.process.uid === 0, gain })
}

/**
 * What speaks against an interpreter: it, and every directory on its way, must belong to root or the group's own user and be
 * writable by no others, by a group only when that is root's or the user's primary one.
 */
export function distrustedInterpreter(way: Way, identity: Identity, facts: Facts): readonly Problem[] {
  const gain = `can run code as user "${identity.userName}"`
  return way.steps.flatMap((step) => {
    const named = { step, as: step === way.target ? `python "${step.path}"` : `${step.kind} "${step.path}" of python` }
    if (step.uid !== 0 && step.uid !== identity.uid)
      return [foreign(named, facts, `chown it to root or ${identity.userName}: whoever owns it ${gain}`)]
    if (step.kind === 'link' || isSticky(step)) return []
    return writableBy(named, facts, { group: (gid) => isForeignGroup(gid, identity), gain })
  })
}

/** What speaks against a script: nobody else may write it, nor replace it in its directory. */
export function distrustedScript(way: Way, identity: Identity, facts: Facts): readonly Problem[] {
  const gain = `can run code as user "${identity.userName}"`
  const directory = way.steps.findLast((step) => step.kind === 'directory')
  const replaceable = directory && isWritableByOthers(directory) && !isSticky(directory)
  return [
    ...writableBy({ step: way.target, as: `script "${way.target.path}"` }, facts, {
      group: (gid) => isForeignGroup(gid, identity),
      gain,
    }),
    ...(replaceable
      ? writableBy({ step: directory, as: `directory "${directory.path}" of script` }, facts, {
          group: () => false,
          gain,
        })
      : []),
  ]
}

/** What speaks against a file of users or groups: whoever else may write to it lets himself in. */
export function distrustedCredentials(
  way: Way,
  identity: Identity,
  { facts, name }: Readonly<{ facts: Facts; name: string }>,
): readonly Problem[] {
  return writableBy({ step: way.target, as: name }, facts, {
    group: (gid) => isForeignGroup(gid, identity),
    gain: 'decides who may pass',
  })
}

/** What speaks against the way to a directory that routers serve: who owns a link on it could have them serve another tenant's files. */
export function distrustedLinks(
  way: Way,
  { facts, name }: Readonly<{ facts: Facts; name: string }>,
): readonly Problem[] {
  return way.steps
    .filter(({ kind, uid }) => kind === 'link' && uid !== 0)
    .map((step) =>
      foreign(
        { step, as: `link "${step.path}" to ${name}` },
        facts,
        `name the directory by its real path, ${way.target.path}`,
      ),
    )
}

/** What speaks against a directory that Python imports from: nobody else may put files into it. */
export function distrustedDirectoryOfCode({ target }: Way, identity: Identity, facts: Facts): readonly Problem[] {
  return writableBy({ step: target, as: `directory "${target.path}" of python-path` }, facts, {
    group: (gid) => isForeignGroup(gid, identity),
    gain: `can run code as user "${identity.userName}"`,
  })
}

const isForeignGroup = (gid: number, identity: Identity): boolean => gid !== 0 && gid !== identity.gid

type Rule = Readonly<{ group: (gid: number) => boolean; gain: string }>

function writableBy({ step, as }: Named, facts: Facts, { group, gain }: Rule): readonly Problem[] {
  if (isWritableByOthers(step))
    return [
      unsafe(`${as} is writable by everyone (${ownership(facts, step)})`, `whoever writes to it ${gain}: chmod o-w it`),
    ]
  if (!isWritableByGroup(step) || !group(step.gid)) return []
  const name = groupNameOf(facts, step.gid)
  return [
    unsafe(
      `${as} is writable by group "${name}" (${ownership(facts, step)})`,
      `whoever is in "${name}" ${gain}: chmod g-w it`,
    ),
  ]
}

function foreign({ step, as }: Named, facts: Facts, cure: string): Problem {
  const owner = facts.accountsByUid.get(step.uid)?.name ?? String(step.uid)
  return unsafe(`${as} belongs to "${owner}" (${ownership(facts, step)})`, cure)
}

const unsafe = (what: string, cure: string): Problem => ({ code: 'unsafe-path', what, cure })
