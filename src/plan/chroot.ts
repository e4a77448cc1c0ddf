// Whether a directory can be the root of a group's workers: wsgid puts files into it and enters it as root.
import type { GroupConfiguration } from '../config/group-configuration.ts'
import type { Diagnostic } from '../config/diagnostics.ts'
import { findPath, type Facts } from './facts.ts'
import { at, type Problem } from './problem.ts'
import { distrustedByRoot } from './trust.ts'

/** What sets the environment of a worker in a chroot; a path inside of it. */
export const envInChroot = '/usr/bin/env'
/** Besides Python, what every worker opens in there. */
export const neededInChroot: readonly string[] = [envInChroot, '/dev/null']

/** What speaks against a group's root directory; nothing without one. */
export function checkChroot({ chroot, placeOf }: GroupConfiguration, facts: Facts): readonly Diagnostic[] {
  return chroot === null ? [] : at(() => placeOf(['chroot']), problemsOf(chroot, facts))
}

function problemsOf(chroot: string, facts: Facts): readonly Problem[] {
  if (facts.process.uid !== 0)
    return [{ code: 'not-permitted', what: 'chroot needs root', cure: 'start wsgid as root, or remove the line' }]
  const way = findPath(facts, chroot, null)
  if (!way.found)
    return [unusable(`chroot "${chroot}" cannot be entered: ${way.reason} at "${way.missing}"`, 'name a directory')]
  if (way.target.kind !== 'directory')
    return [unusable(`chroot "${chroot}" is a ${way.target.kind}`, 'name a directory')]
  if (way.target.path !== chroot)
    return [
      unusable(`chroot "${chroot}" leads through a symbolic link`, `name it by its real path, ${way.target.path}`),
    ]
  const lacking = neededInChroot.filter((path) => !findPath(facts, path, chroot).found)
  return [...distrustedByRoot(way, 'chroot', facts), ...lacking.map((path) => incomplete(chroot, path))]
}

const incomplete = (chroot: string, path: string): Problem =>
  unusable(
    `chroot "${chroot}" has no ${path}`,
    path === envInChroot
      ? 'copy it there with the libraries that it needs, which ldd(1) lists'
      : `mknod -m 666 ${chroot}${path} c 1 3`,
  )

const unusable = (what: string, cure: string): Problem => ({ code: 'unusable-path', what, cure })
