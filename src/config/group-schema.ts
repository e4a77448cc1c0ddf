// A group file and `defaults` of wsgid.yaml, each option once: types, defaults, checks and docs/configuration.md come from here and
// from the tables beside it. Knows no file and no machine; an option that nothing implements is not in here.
import { z } from 'zod'
import { applicationOptions, applicationSchema } from './application-schema.ts'
import { confinementOptions, confinementSettings } from './confinement-options.ts'
import { aGroup, anAccount } from './expectations.ts'
import { interpreterOptions, interpreterSettings } from './interpreter-options.ts'
import { defaultValues, optional } from './option.ts'
import { isOptionMap, never, notBoth } from './refinement.ts'
import { staffingOptions, staffingSettings } from './staffing-options.ts'
import { trafficOptions, trafficSettings } from './traffic-options.ts'
import { account, path } from './values.ts'

/** The options that every group has a value for. */
const settings = { ...staffingSettings, ...interpreterSettings, ...trafficSettings, ...confinementSettings }

/** What `defaults` of wsgid.yaml may set for every group, and each group for itself. */
const sharedOptions = {
  ...staffingOptions,
  ...staffingSettings,
  ...interpreterOptions,
  ...interpreterSettings,
  ...trafficOptions,
  ...trafficSettings,
  ...confinementOptions,
  ...confinementSettings,
}

/** Of each pair a group has one; where its own file has one of them, `defaults` has no say in the other. */
export const exclusivePairs = [
  ['python', 'python-home'],
  ['script-user', 'script-group'],
] as const

/** Options of a group that `defaults` of wsgid.yaml may set. */
export const defaultsSchema = z
  .strictObject(sharedOptions)
  .refine(...notBoth(...exclusivePairs[0]))
  .refine(...notBoth(...exclusivePairs[1]))

/** What holds for a group where neither its file nor `defaults` says otherwise. */
export const builtInDefaults = z.strictObject(settings).required().parse(defaultValues(settings))

/** What a group may be called. */
export const groupName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

/** The server's own log is called as that of a group of this name would be: no group may have it. */
export const serverLogName = 'wsgid'

/** A path inside of a directory that is named elsewhere. */
const pathInside = z.string().regex(/^(?!\/)(?!(?:.*\/)?\.\.(?:\/|$))[^\0]+$/)

const forEachOptions = {
  'for-each': optional(path, {
    description:
      'makes one group of this file for each directory that a glob pattern matches: in every text of the file `${instance}` stands for its name, `${owner}` for its owner (the account, else the uid)',
    expects: 'a glob pattern of directories; a relative one starts at the directory of the file it stands in',
    otherwise: 'the file defines one group',
    example: '/srv/sites/*',
  }),
  'for-each-require': optional(pathInside, {
    description: 'what a directory of for-each must have in it; those without it make no group',
    expects: 'a path inside of the directory, without ".."',
    otherwise: 'every directory makes a group',
    example: 'conf/trac.ini',
  }),
}

/** What a group file with `for-each` says about its directories; the name is checked in each group. */
export const forEachSchema = z.object({ ...forEachOptions, name: z.unknown().exactOptional() })

/** A group file; with `for-each` as one of its groups reads it. */
export const groupSchema = z
  .strictObject({
    ...forEachOptions,
    name: optional(z.string().regex(groupName), {
      description: "name of the group in logs, status and commands; not `wsgid`, which is the server's own log",
      expects: 'a letter or digit, then letters, digits, ".", "_" or "-", at most 64 in all',
      otherwise: "the file's name without .yaml; with for-each ${instance}",
      example: 'site-1',
    }),
    user: optional(account, {
      description: 'account that the workers run as, never root (uid 0)',
      ...anAccount,
      otherwise: 'nobody; the current user when wsgid does not run as root',
      example: 'trac',
    }),
    group: optional(account, {
      description: "primary group of the workers, never root's (gid 0)",
      ...aGroup,
      otherwise: "the user's primary group",
      example: 'trac',
    }),
    'supplementary-groups': optional(z.array(account), {
      description: "further groups of the workers, instead of those that the account is a member of; never root's",
      expects: 'a list of group names or gids; [] for none',
      entry: 'a group name or a gid',
      otherwise: 'those of the account',
      example: '[www-data]',
    }),
    ...sharedOptions,
    applications: optional(z.array(applicationSchema).min(1), {
      description:
        'the WSGI applications that the group serves, at least one; without them it serves those that others direct to it by `process-group`',
      expects: 'a list of at least one application, each with script or module',
      entry: 'a map with script or module',
      otherwise: 'none',
      example: '[{ mount: /trac, script: /srv/site-1/trac.wsgi }]',
      inside: applicationOptions,
    }),
  })
  .refine(...notBoth(...exclusivePairs[0]))
  .refine(...notBoth(...exclusivePairs[1]))
  .refine(
    ...never(requiresWithoutForEach, {
      what: 'for-each-require stands without for-each',
      cure: 'add for-each: with a pattern of directories, or remove the line',
      at: 'for-each-require',
    }),
  )

function requiresWithoutForEach(options: unknown): boolean {
  return isOptionMap(options) && 'for-each-require' in options && !('for-each' in options)
}

export type SharedOptions = z.output<typeof defaultsSchema>
export type GroupOptions = z.output<typeof groupSchema>
