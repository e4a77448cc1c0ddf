// Directives that may stand in the server, a virtual host, or a section, and hold for what is in there.
import { lineOf, type HostRule, type Settings } from './collected.ts'
import { absolutePath } from './expand.ts'
import { readSetEnvIf } from './rewrites.ts'
import { isOn, number, offOnly, type Reader } from './server-directives.ts'
import type { Directive } from './syntax.ts'

/** Only whole applications can have it: a section that is about a part of one says so of this line. */
const forWhole =
  (take: (directive: Directive, settings: Settings) => void): Reader =>
  (directive, { settings }) => {
    take(directive, settings)
    settings.lines.push(lineOf(directive))
    return undefined
  }

export const settingsReaders: Readonly<Record<string, Reader>> = {
  setenv: forWhole(({ args: [name = '', value = ''] }, { environ }) => environ.set(name, value)),
  unsetenv: forWhole(({ args }, { environ }) => {
    for (const each of args) environ.set(each, null)
  }),
  setenvif: (directive, { settings }) => {
    const rewrite = readSetEnvIf(directive)
    if (rewrite === undefined) return 'of SetEnvIf only Request_URI with captures is understood'
    settings.rewrites.push({ rewrite, directive })
    return undefined
  },
  passenv: () => 'what Apache has in its environment is not known here: write it as environ of the application',
  wsgiprocessgroup: forWhole(({ args: [name] }, settings) => name !== undefined && (settings.processGroup = name)),
  wsgiapplicationgroup: forWhole(
    ({ args: [name] }, settings) => name !== undefined && (settings.applicationGroup = name),
  ),
  wsgicallableobject: forWhole(({ args: [name] }, settings) => name !== undefined && (settings.callable = name)),
  wsgirestrictprocess: forWhole(({ args }, settings) => (settings.restrictProcess = args)),
  wsgiscriptreloading: forWhole(
    (directive, settings) => (settings.scriptReloading = { value: isOn(directive.args), line: lineOf(directive) }),
  ),
  limitrequestbody: (directive, context) =>
    number(directive.args[0] ?? '', (value) => {
      context.settings.requestBody = { value, line: lineOf(directive) }
      context.settings.lines.push(lineOf(directive))
    }),
  rewriteengine: ({ args }, { settings }) => void (settings.rewriteEngine = isOn(args)),
  rewriteoptions: () => 'rules hold where they stand',
  wsgipassauthorization: () => undefined,
  wsgierroroverride: ({ args }) => offOnly(args, 'the application’s own error pages are sent'),
  wsgiignoreactivity: ({ args }) => offOnly(args, 'every request counts as activity'),
  wsgipassapacherequest: ({ args }) => offOnly(args, 'there is no Apache whose request could be passed'),
  wsgimapheadtoget: ({ args: [mode = ''] }) =>
    /^(?:auto|off)$/i.test(mode) ? undefined : 'applications get HEAD as HEAD',
  wsgihandlerscript: () => 'handlers that a script implements do not exist: mount it as an application',
  wsgidispatchscript: () => 'groups are chosen by match and process-group, not by a script',
  wsgiaccessscript: () => 'no script decides who may pass: whoever reaches the listener may',
  wsgiauthuserscript: () => 'passwords are in files only, see auth: nobody is asked for one',
  wsgiauthgroupscript: () => 'groups of users are in files only, see auth',
  sethandler: ({ args: [name = ''] }, { settings }) => {
    if (name.toLowerCase() === 'wsgi-script') settings.isHandled = true
    else if (name.toLowerCase() !== 'none') return 'only wsgi-script is a handler here'
    return undefined
  },
  addhandler: ({ args: [name = '', ...extensions] }, { settings }) => {
    if (name.toLowerCase() !== 'wsgi-script') return 'only wsgi-script is a handler here'
    settings.extensions.push(...extensions.map((each) => `.${each.replace(/^\./, '')}`))
    return undefined
  },
  authtype: ({ args: [type = ''] }, { settings: { login } }) => {
    login.type = type.toLowerCase()
    return /^(?:basic|digest|none)$/i.test(type) ? undefined : 'only Basic and Digest exist'
  },
  authname: ({ args: [realm = ''] }, { settings: { login } }) => void (login.realm = realm),
  authuserfile: ({ args: [path = ''] }, { settings: { login }, serverRoot }) =>
    void (login.users = absolutePath(path, serverRoot)),
  authgroupfile: ({ args: [path = ''] }, { settings: { login }, serverRoot }) =>
    void (login.groups = absolutePath(path, serverRoot)),
  authbasicprovider: provider,
  authdigestprovider: provider,
  authmerging: ({ args: [mode = ''] }) =>
    /^off$/i.test(mode) ? undefined : 'the innermost section with Require decides',
  order: forHosts('order', () => true),
  allow: forHosts('allow', (args) => args === 'from all'),
  deny: forHosts('deny', () => false),
  satisfy: ({ args: [mode = ''] }) => (/^all$/i.test(mode) ? undefined : byAddress),
}

/** What leaves somebody out is told of; what lies in static directories is kept from everybody then, see host-rules.ts. */
function forHosts(name: HostRule['name'], isKept: (args: string) => boolean): Reader {
  return (directive, { settings }) => {
    const args = directive.args.join(' ').toLowerCase()
    settings.hostRules.push({ name, args })
    return isKept(args) ? undefined : byAddress
  }
}

function provider({ args }: Directive, { settings: { login } }: Parameters<Reader>[1]): string | undefined {
  login.provider = args.every((each) => each.toLowerCase() === 'file')
  return login.provider ? undefined : 'passwords are in files only'
}

/** Why nothing of this kind is carried over. */
export const byAddress = 'clients are not told apart by where they come from: whoever reaches the listener may pass'
