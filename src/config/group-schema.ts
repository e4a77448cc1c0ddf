// Every option of a group file, once: types, defaults, checks and docs/configuration.md come from here.
// Knows no file and no machine; an option that nothing implements is not in here.
import { z } from 'zod'
import { bytes, milliseconds } from '../units.ts'
import { parseHost, parseMount } from './mount.ts'
import { defaultValues, optional, required } from './option.ts'
import { account, duration, parsed, path, size, textMap, wholeNumber } from './values.ts'

const aDuration = { expects: 'a duration such as 30 (seconds), 500ms, 5s, 2m, 1h or 1d, at most 24d', unit: 'seconds' }
const aPositiveDuration = { ...aDuration, expects: aDuration.expects.replace('a duration', 'a duration above 0') }
const anAccount = 'an account name or a uid'

const mount = parsed(z.string(), parseMount)
const host = parsed(z.string(), parseHost)
const dottedName = /^[\p{L}_][\p{L}\p{N}_]*(?:\.[\p{L}_][\p{L}\p{N}_]*)*$/u

/** The module and the global of `module: "pkg.wsgi:application"`; the global may be left to `callable`. */
export type ModuleReference = Readonly<{ module: string; callable: string | undefined }>

/** Reads "pkg.wsgi:application" or "pkg.wsgi"; undefined when it is neither. */
export function parseModule(written: string): ModuleReference | undefined {
  const [module = '', callable, ...rest] = written.split(':')
  if (rest.length > 0 || !dottedName.test(module)) return undefined
  return callable === undefined || dottedName.test(callable) ? { module, callable } : undefined
}

const applicationObject = z.strictObject({
  mount: optional(mount, {
    description: 'where the application begins, as WSGIScriptAlias has it; "/" is the root of the site',
    expects: '"/" or a path such as /trac: printable ASCII, without trailing slash, empty, "." or ".." segments, query',
    default: '/',
    example: '/trac',
  }),
  script: optional(path, {
    description: 'file with the application; any file name. Either this or `module`',
    expects: 'a path; a relative one starts at the directory of the file it stands in',
    otherwise: 'none: give `module`',
    example: '/srv/site-1/trac.wsgi',
  }),
  module: optional(parsed(z.string(), parseModule), {
    description: 'importable module with the application, and after a colon its callable. Either this or `script`',
    expects: 'a module such as pkg.wsgi:application',
    otherwise: 'none: give `script`',
    example: 'pkg.wsgi:application',
  }),
  callable: optional(z.string().regex(dottedName), {
    description: 'global name of the WSGI callable',
    expects: 'a Python name',
    default: 'application',
    example: 'app',
  }),
  hosts: optional(z.array(host), {
    description: 'names of the hosts that the application answers for, exact or "*.example.org"; none: any host',
    expects: 'a list of host names such as trac.example.org or "*.example.org"',
    entry: 'a host name such as trac.example.org or "*.example.org": ASCII, without a port',
    otherwise: 'any host',
    example: '[trac.example.org, "*.trac.example.org"]',
  }),
  environ: optional(textMap(/^[^\0]+$/), {
    description: 'WSGI variables that every request of the application carries, as SetEnv',
    expects: 'a map of names to text',
    entry: 'text; "" for an empty one',
    default: {},
    example: '{ trac.env_path: /srv/site-1/env }',
  }),
})

// Both are asked for even when another option of the application is wrong: all errors are reported at once.
const always = { when: () => true }

const applicationSchema = applicationObject
  .refine((application) => !lacksEntry(application), {
    ...always,
    params: {
      what: 'an application needs script or module',
      cure: 'name the file (script: app.wsgi) or the module (module: "pkg.wsgi:application")',
    },
  })
  .refine((application) => !hasTwoEntries(application), {
    ...always,
    params: { what: 'an application has both script and module', cure: 'remove one of the two' },
  })

function lacksEntry(application: unknown): boolean {
  return isMap(application) && !('script' in application) && !('module' in application)
}

function hasTwoEntries(application: unknown): boolean {
  return isMap(application) && 'script' in application && 'module' in application
}

function isMap(value: unknown): value is object {
  return typeof value === 'object' && value !== null && !Array.isArray(value)
}

/** The options that every group has a value for. */
const tuningOptions = {
  processes: optional(wholeNumber(1, 999), {
    description: 'number of workers',
    expects: 'a whole number from 1 to 999',
    default: 1,
    example: '2',
  }),
  threads: optional(wholeNumber(1, 4096), {
    description: 'number of requests that one worker runs at a time',
    expects: 'a whole number from 1 to 4096',
    default: 15,
    example: '25',
  }),
  python: optional(path, {
    description: 'Python interpreter, 3.8 or later; that of a virtual environment brings its packages along',
    expects: 'a path; a relative one starts at the directory of the file it stands in',
    default: '/usr/bin/python3',
    example: '/srv/site-1/venv/bin/python',
  }),
  env: optional(textMap(/^[^\0=\s]+$/), {
    description: 'process environment, set before Python starts; added to that of `defaults`, name by name',
    expects: 'a map of names (without "=" or spaces) to text',
    entry: 'text; "" for an empty one',
    default: {},
    example: '{ TRAC_ENV: /srv/site-1/env }',
  }),
  'startup-timeout': optional(duration(milliseconds(1)), {
    description: 'how long a worker may take to start Python and load its applications',
    ...aPositiveDuration,
    default: '30s',
    example: '2m',
  }),
  'graceful-timeout': optional(duration(milliseconds(0)), {
    description: 'how long running requests may take to finish when a worker drains',
    ...aDuration,
    default: '15s',
    example: '1m',
  }),
  'shutdown-timeout': optional(duration(milliseconds(0)), {
    description: 'how long a worker that was told to stop may take before it is killed',
    ...aDuration,
    default: '5s',
    example: '10s',
  }),
  'queue-timeout': optional(duration(milliseconds(1)), {
    description: 'how long a request may wait for a worker before it is answered by 504',
    ...aPositiveDuration,
    default: '45s',
    example: '10s',
  }),
  'limit-request-body': optional(size(bytes(0)), {
    description: 'largest request body, a larger one is answered by 413; 0 sets no limit',
    expects: 'a size such as 1048576 (bytes), 64KiB, 10MiB or 1GiB',
    unit: 'bytes',
    default: 0,
    example: '10MiB',
  }),
  'response-buffer-size': optional(size(bytes(65_536)), {
    description: 'how much of one response the router takes off a worker ahead of a slow client',
    expects: 'a size of at least 64KiB, such as 1048576 (bytes), 10MiB or 1GiB',
    unit: 'bytes',
    default: '8MiB',
    example: '16MiB',
  }),
}

/** What `defaults` of wsgid.yaml may set for every group, and each group for itself. */
const sharedOptions = {
  home: optional(path, {
    description: 'working directory of the workers and first entry of sys.path',
    expects: 'a path; a relative one starts at the directory of the file it stands in',
    otherwise: 'the home directory of the account; sys.path as Python makes it',
    example: '/srv/site-1',
  }),
  ...tuningOptions,
}

/** Options of a group that `defaults` of wsgid.yaml may set. */
export const defaultsSchema = z.strictObject(sharedOptions)

/** What holds for a group where neither its file nor `defaults` says otherwise. */
export const builtInDefaults = z.strictObject(tuningOptions).required().parse(defaultValues(tuningOptions))

/** What a group may be called. */
export const groupName = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/

/** A group file. */
export const groupSchema = z.strictObject({
  name: optional(z.string().regex(groupName), {
    description: 'name of the group in logs, status and commands',
    expects: 'a letter or digit, then letters, digits, ".", "_" or "-", at most 64 in all',
    otherwise: "the file's name without .yaml",
    example: 'site-1',
  }),
  user: optional(account, {
    description: 'account that the workers run as, never root',
    expects: anAccount,
    otherwise: 'nobody; the current user when wsgid does not run as root',
    example: 'trac',
  }),
  group: optional(account, {
    description: 'primary group of the workers',
    expects: 'a group name or a gid',
    otherwise: "the user's primary group",
    example: 'trac',
  }),
  'supplementary-groups': optional(z.array(account), {
    description: 'further groups of the workers, instead of those that the account is a member of',
    expects: 'a list of group names or gids; [] for none',
    entry: 'a group name or a gid',
    otherwise: 'those of the account',
    example: '[www-data]',
  }),
  ...sharedOptions,
  applications: required(z.array(applicationSchema).min(1), {
    description: 'the WSGI applications that the group serves, at least one',
    expects: 'a list of at least one application, each with script or module',
    entry: 'a map with script or module',
    example: '[{ mount: /trac, script: /srv/site-1/trac.wsgi }]',
    inside: applicationObject.shape,
  }),
})

export type SharedOptions = z.output<typeof defaultsSchema>
export type GroupOptions = z.output<typeof groupSchema>
export type ApplicationOptions = z.output<typeof applicationSchema>
