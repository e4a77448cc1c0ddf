// `auth` of an application: who may pass, and for which of its paths. Knows no file and no machine.
import { z } from 'zod'
import { aPath } from './expectations.ts'
import { parseMount } from './mount.ts'
import { optional, required } from './option.ts'
import { isOptionMap, never } from './refinement.ts'
import { parsed, path } from './values.ts'

/** A prefix below a mount: "" for everything. */
export const pathBelow = parsed(z.string(), parseMount)

// What can stand between the quotes of a challenge as it is (RFC 9110 §5.6.4): nothing to escape, nothing that clients read differently.
const realm = z.string().regex(/^[\x20\x21\x23-\x5b\x5d-\x7e]{1,200}$/)
const userName = z.string().regex(/^[^\0-\x1f\x7f:]{1,255}$/)
const groupName = z.string().regex(/^[^\0-\x20\x7f:]{1,255}$/)

const requireObject = z.strictObject({
  users: optional(z.array(userName).min(1), {
    description: 'users that may pass',
    expects: 'a list of user names',
    entry: 'a user name: text without ":" and control characters',
    otherwise: 'none',
    example: '[admin, joe]',
  }),
  groups: optional(z.array(groupName).min(1), {
    description: 'groups whose members may pass, by the file `groups`',
    expects: 'a list of group names',
    entry: 'a group name: text without ":", spaces and control characters',
    otherwise: 'none',
    example: '[staff]',
  }),
})

const authObject = z.strictObject({
  type: optional(z.enum(['basic', 'digest']), {
    description: 'how the client proves who it is, as AuthType',
    expects: 'basic or digest',
    default: 'basic',
    example: 'digest',
  }),
  realm: required(realm, {
    description:
      'what browsers show when they ask for the password, as AuthName; with `digest` a part of what is hashed',
    expects: 'printable ASCII, at most 200 characters, without quotes and backslashes',
    example: 'Trac',
  }),
  users: required(path, {
    description:
      'file of users and password hashes, as AuthUserFile: made by htpasswd (bcrypt, MD5, SHA-1, crypt) or, with `digest`, by htdigest. A change holds within a second',
    ...aPath,
    example: '/srv/site-1/.htpasswd',
  }),
  groups: optional(path, {
    description: 'file of groups, `name: user user…` a line, as AuthGroupFile',
    ...aPath,
    otherwise: 'none',
    example: '/srv/site-1/.htgroups',
  }),
  require: optional(
    requireObject.refine(
      ...never((rules) => isOptionMap(rules) && Object.keys(rules).length === 0, {
        what: 'require names neither users nor groups',
        cure: 'name some, or remove it: without it every user of the file may pass',
      }),
    ),
    {
      description: 'who of those whose password is right may pass, as Require: any of these',
      expects: 'a map with users, groups or both',
      otherwise: 'every user of the file (Require valid-user)',
      example: '{ users: [admin], groups: [staff] }',
      inside: requireObject.shape,
    },
  ),
  paths: optional(z.array(pathBelow).min(1), {
    description:
      'paths below the mount that ask for a password, each with all that is below it; upper and lower case are the same here, so that no spelling evades it',
    expects: 'a list of paths such as /login',
    entry: '"/" or a path such as /login, without trailing slash, empty, "." or ".." segments',
    default: ['/'],
    example: '[/login]',
  }),
})

/** The options of `auth`, for documentation and messages. */
export const authOptions = authObject.shape

export const authSchema = authObject
  .refine(
    ...never((auth) => requiresGroups(auth) && !namesGroupFile(auth), {
      what: 'require names groups, and there is no file that says who is in them',
      cure: 'name it (groups: .htgroups)',
      at: 'require',
    }),
  )
  .refine(
    ...never((auth) => namesGroupFile(auth) && !requiresGroups(auth), {
      what: 'groups is given, and require names no group',
      cure: 'name some (require: { groups: [staff] }), or remove the line',
      at: 'groups',
    }),
  )

const namesGroupFile = (auth: unknown): boolean => isOptionMap(auth) && 'groups' in auth

const requiresGroups = (auth: unknown): boolean =>
  isOptionMap(auth) && 'require' in auth && isOptionMap(auth.require) && 'groups' in auth.require

export type AuthOptions = z.output<typeof authSchema>
