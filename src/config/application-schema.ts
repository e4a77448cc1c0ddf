// One entry of `applications` in a group file: where it is mounted and what is loaded for it.
// Knows no file and no machine.
import { z } from 'zod'
import { parseApplicationGroup } from './application-group.ts'
import { authOptions, authSchema } from './auth-options.ts'
import { parseMatch } from './match.ts'
import { anyHost, parseHost, parseMount } from './mount.ts'
import { optional } from './option.ts'
import { hasBoth, isOptionMap, never, notBoth } from './refinement.ts'
import { staticOptions, staticSchema } from './static-options.ts'
import { oneOrMore, parsed, path, textMap } from './values.ts'

const mount = parsed(z.string(), parseMount)
const match = parsed(z.string(), parseMatch)
const host = parsed(z.string(), parseHost)
const hostOrAny = parsed(z.string(), (written) => (written === anyHost ? written : parseHost(written)))
const groupReference = z.string().regex(/^(?:[A-Za-z0-9._-]|\$\{[^{}]+\})+$/)
const dottedName = /^[\p{L}_][\p{L}\p{N}_]*(?:\.[\p{L}_][\p{L}\p{N}_]*)*$/u

/** Any name but those whose values PEP 3333 wants to be something else than text; `wsgi.url_scheme` is text. */
const variableName = /^(?!wsgi\.(?!url_scheme$))[^\0]+$/

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
  match: optional(match, {
    description:
      'instead of `mount`, a regular expression at which the application begins, as WSGIScriptAliasMatch has it: the matched text is SCRIPT_NAME, it ends where a segment of the path ends; named captures are `${name}` in `environ`, `require-file`, `process-group` and `script`; a request whose capture is empty, "." or ".." or has "/" or "\\\\" in it is 404',
    expects: 'a JavaScript regular expression that begins with "^/", in printable ASCII',
    otherwise: 'none: `mount` holds',
    example: '^/trac/(?<site>[^/]+)',
  }),
  script: optional(path, {
    description:
      'file with the application; any file name, with captures where `match` has some. Either this or `module`',
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
  hosts: optional(z.array(hostOrAny), {
    description:
      'names of the hosts that the application answers for, exact or "*.example.org"; none: any host. With "*" among them it answers also for hosts for which no other application does',
    expects: 'a list of host names such as trac.example.org or "*.example.org"',
    entry: 'a host name such as trac.example.org or "*.example.org": ASCII, without a port',
    otherwise: 'any host',
    example: '[trac.example.org, "*.trac.example.org"]',
  }),
  aliases: optional(z.array(host), {
    description:
      'further names of the host: requests for them are redirected to the first of `hosts`, path and query kept (301; 308 unless GET or HEAD)',
    expects: 'a list of host names; `hosts` must name where they lead, first and exactly',
    entry: 'a host name such as www.example.org or "*.example.net": ASCII, without a port',
    default: [],
    example: '[www.example.org]',
  }),
  'process-group': optional(groupReference, {
    description:
      "the group whose workers serve the application, as WSGIProcessGroup; with captures the URL chooses it, and one that names no group is 404. The application runs as that group's user, with its options",
    expects: 'the name of a group, or a text with captures such as ${site}',
    otherwise: 'the group of the file',
    example: '${site}',
  }),
  'restrict-process': optional(oneOrMore(z.string().regex(/^[A-Za-z0-9._*?-]+$/)), {
    description:
      'the groups that a `process-group` with captures may choose, as WSGIRestrictProcess; "*" and "?" stand for any characters and any one',
    expects: 'the name of a group, a pattern, or a list of them',
    entry: 'the name of a group or a pattern such as "site-*"',
    default: ['*'],
    example: '["site-*"]',
  }),
  'application-group': optional(parsed(z.string(), parseApplicationGroup), {
    description:
      'applications with different ones never share a process, as interpreters under WSGIApplicationGroup: each has its own `processes` workers. "%{GLOBAL}": one for all; "%{RESOURCE}": one for this application; "%{SERVER}": one for its first host; "%{HOST}": one for each of its hosts; or a name',
    expects:
      'a name of letters, digits, ".", "_" and "-", or one of "%{GLOBAL}", "%{RESOURCE}", "%{SERVER}", "%{HOST}"',
    default: '%{GLOBAL}',
    example: '"%{RESOURCE}"',
  }),
  'require-file': optional(path, {
    description:
      "a file that must be there, else the answer is 403; looked for by the worker at each request, as its own user: a tenant's private directory will do",
    expects:
      'a path, with captures where `match` has some; a relative one starts at the directory of the file it stands in',
    otherwise: 'none',
    example: '/srv/sites/${site}/conf/trac.ini',
  }),
  environ: optional(textMap(variableName), {
    description:
      'WSGI variables that every request of the application carries, as SetEnv; they replace what the request itself says; with captures where `match` has some, and "$${" is a "${" that is meant as it stands',
    expects: 'a map of names to text, without the variables of WSGI that are no text (wsgi.input, wsgi.errors…)',
    entry: 'text; "" for an empty one',
    default: {},
    example: '{ trac.env_path: /srv/site-1/env }',
  }),
  auth: optional(authSchema, {
    description:
      'who may pass, as AuthType and Require; checked by the router, the application gets REMOTE_USER and AUTH_TYPE. See docs/authentication.md',
    expects: 'a map with realm and users',
    otherwise: 'nobody is asked',
    example: '{ type: basic, realm: Trac, users: .htpasswd, paths: [/login] }',
    inside: authOptions,
  }),
  static: optional(staticSchema, {
    description:
      'directories that the router serves without a worker, by their path below the mount; the longest path decides. See docs/static-files.md',
    expects: 'a map of paths such as /chrome/common, without trailing slash, to directories',
    entry: 'a directory, or a map with directory, index and cache-control',
    default: {},
    example: '{ /chrome/common: /srv/site-1/htdocs/common }',
    inside: staticOptions,
  }),
})

/** The options of an application, for documentation and messages. */
export const applicationOptions = applicationObject.shape

export const applicationSchema = applicationObject
  .refine(
    ...never(lacksEntry, {
      what: 'an application needs script or module',
      cure: 'name the file (script: app.wsgi) or the module (module: "pkg.wsgi:application")',
    }),
  )
  .refine(
    ...never((application) => hasBoth(application, 'script', 'module'), {
      what: 'an application has both script and module',
      cure: 'remove one of the two',
    }),
  )
  .refine(...notBoth('match', 'mount'))

function lacksEntry(application: unknown): boolean {
  return isOptionMap(application) && !('script' in application) && !('module' in application)
}

export type ApplicationOptions = z.output<typeof applicationSchema>
