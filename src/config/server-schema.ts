// Every option of wsgid.yaml, once: types, defaults, checks and docs/configuration.md come from here.
// Knows no file and no machine; an option that nothing implements is not in here.
import { z } from 'zod'
import { adminOptions, adminSchema } from './admin-options.ts'
import { accessLogChoice, anAccessLog } from './access-log-option.ts'
import { defaultsSchema } from './group-schema.ts'
import { limitOptions } from './limit-options.ts'
import { logRotationOptions } from './log-rotation-options.ts'
import { anAddress, listenAddress, listenerOptions, listenerSchema } from './listener-schema.ts'
import { defaultValues, optional } from './option.ts'
import { proxyOptions } from './proxy-options.ts'
import { account, oneOrMore, path, wholeNumber } from './values.ts'

const aPath = 'a path; a relative one starts at the directory of the file it stands in'
const listener = z.union([listenAddress.transform((address) => ({ address })), listenerSchema])

/** wsgid.yaml. */
export const serverSchema = z.strictObject({
  listen: optional(z.union([listenAddress.transform((address) => [{ address }]), z.array(listener).min(1)]), {
    description: 'address that clients connect to, or a list of addresses or of maps',
    expects: `${anAddress}, or a list of them`,
    entry: `${anAddress}, or a map with address`,
    default: '127.0.0.1:8080',
    example: '[0.0.0.0:80, "[::]:80"]',
    inside: listenerOptions,
  }),
  groups: optional(oneOrMore(path), {
    description: 'files that define the process groups: a glob pattern or a list of them, relative to this file',
    expects: 'a glob pattern or a list of them',
    entry: 'a glob pattern',
    default: 'groups.d/*.yaml',
    example: '[groups.d/*.yaml, /srv/*/wsgid.yaml]',
  }),
  user: optional(account, {
    description: 'account that the routers run as: neither root nor one that a group has',
    expects: 'an account name or a uid',
    otherwise:
      'the first of wsgid, www-data and nobody that no group has, else a uid without an account; the current user when wsgid does not run as root',
    example: 'wsgid',
  }),
  routers: optional(wholeNumber(1, 64), {
    description: 'number of router processes',
    expects: 'a whole number from 1 to 64',
    default: 1,
    example: '2',
  }),
  'run-dir': optional(path, {
    description: 'directory of the sockets and the pid file',
    expects: aPath,
    otherwise: '/run/wsgid; when wsgid does not run as root $XDG_RUNTIME_DIR/wsgid, else /tmp/wsgid-UID',
    example: '/run/wsgid',
  }),
  'log-dir': optional(path, {
    description: 'directory of the logs; "-" logs to stderr',
    expects: `${aPath}; or "-"`,
    otherwise: '/var/log/wsgid; when wsgid does not run as root $XDG_STATE_HOME/wsgid, else ~/.local/state/wsgid',
    example: '"-"',
  }),
  ...logRotationOptions,
  'access-log': optional(accessLogChoice, {
    description:
      "a line for each request in access.log in `log-dir`: `combined` is Apache's format, `json` an object with times and the worker",
    ...anAccessLog,
    default: 'off',
    example: 'combined',
  }),
  admin: optional(adminSchema, {
    description: 'where the server tells metrics and health',
    expects: 'a map with listen',
    otherwise: 'nowhere',
    example: '{ listen: 127.0.0.1:9117 }',
    inside: adminOptions,
  }),
  watch: optional(z.boolean(), {
    description:
      'take changes of this file, of group files and of the directories of for-each over by itself, as `wsgid reload` does. Directories on network file systems may tell nothing of changes that other machines make',
    expects: 'true or false',
    default: false,
    example: 'true',
  }),
  'script-directories': optional(oneOrMore(path), {
    description:
      'directories in which every `script` must stand, links followed, or in a directory below; another script is an error, and one that is put in its place later is 403',
    expects: 'a path or a list of paths',
    entry: 'a path; a relative one starts at the directory of the file it stands in',
    otherwise: 'scripts may stand anywhere',
    example: '[/srv/scripts, /srv/sites]',
  }),
  ...proxyOptions,
  ...limitOptions,
  defaults: optional(defaultsSchema, {
    description: 'options for every group that does not set them itself',
    expects: 'a map of group options',
    default: {},
    example: '{ threads: 25 }',
    inside: defaultsSchema.shape,
  }),
})

export type ServerOptions = z.output<typeof serverSchema>

const { listen, groups, routers, 'access-log': accessLog } = serverSchema.shape
const independent = { listen, groups, routers, 'access-log': accessLog, ...proxyOptions, ...limitOptions }

/** What holds for a server whose wsgid.yaml does not say otherwise. */
export const serverDefaults = z.strictObject(independent).required().parse(defaultValues(independent))
