// Directives of the server and of virtual hosts: listeners, identities, groups, what is mounted where, certificates, names.
import type { Collected, Scope, Settings } from './collected.ts'
import { absolutePath } from './expand.ts'
import { readOptions, type Directive } from './syntax.ts'

export type Context = Readonly<{
  found: Collected
  scope: Scope
  /** Of the section around the directive, else of the scope. */
  settings: Settings
  isSection: boolean
  serverRoot: string
}>

/** Takes a directive in. @returns why that is not possible; undefined when it is done */
export type Reader = (directive: Directive, context: Context) => string | undefined

/** An option that no virtual host can have for itself. */
function forServer(option: string, read: Reader): Reader {
  return (directive, context) =>
    context.scope.virtual === null ? read(directive, context) : `${option} holds for the whole server`
}

export const serverReaders: Readonly<Record<string, Reader>> = {
  listen: ({ args: [address = '', protocol], ...rest }, { found }) => {
    if (!found.listens.some((each) => each.address === address))
      found.listens.push({
        address,
        isSecure: protocol?.toLowerCase() === 'https',
        directive: { args: [address], ...rest },
      })
    return undefined
  },
  user: ({ args }, { found }) => account(args, (name) => (found.user = name)),
  group: ({ args }, { found }) => account(args, (name) => (found.group = name)),
  customlog: (_, { found }) => void (found.server['access-log'] = 'combined'),
  transferlog: (_, { found }) => void (found.server['access-log'] = 'combined'),
  timeout: forServer('socket-timeout', ({ args: [seconds = ''] }, { found }) =>
    number(seconds, (value) => (found.everywhere['socket-timeout'] = `${value}s`)),
  ),
  keepalivetimeout: forServer(
    'keep-alive-timeout',
    ({ args: [time = ''] }, { found }) =>
      void (found.server['keep-alive-timeout'] = /^\d+$/.test(time) ? `${time}s` : time),
  ),
  limitrequestline: forServer('limit-request-line', ({ args: [bytes = ''] }, { found }) =>
    number(bytes, (value) => (found.server['limit-request-line'] = value)),
  ),
  limitrequestfields: forServer('limit-request-fields', ({ args: [count = ''] }, { found }) =>
    number(count, (value) => (found.server['limit-request-fields'] = value === 0 ? 32_767 : value)),
  ),
  wsgitrustedproxies: forServer(
    'trusted-proxies',
    ({ args }, { found }) => void (found.server['trusted-proxies'] = args),
  ),
  wsgitrustedproxyheaders: forServer('trusted-proxy-headers', ({ args }, { found }) => {
    const known = ['X-Forwarded-For', 'X-Forwarded-Proto', 'X-Forwarded-Host', 'X-Forwarded-Port']
    const same = (a: string) => (b: string) => a.toLowerCase() === b.toLowerCase()
    const kept = known.filter((name) => args.some(same(name)))
    if (kept.length > 0) found.server['trusted-proxy-headers'] = kept
    const lost = args.filter((name) => !known.some(same(name)))
    return lost.length === 0 ? undefined : `of its headers only ${known.join(', ')} are known, not ${lost.join(', ')}`
  }),
  wsgidaemonprocess: (directive, { found }) => {
    const {
      words: [name],
      options,
      wrong,
    } = readOptions(directive.rest, 1)
    if (name === undefined || wrong !== undefined) return faultOf(found, directive, wrong)
    const same = found.daemons.find((each) => each.name === name)
    if (same !== undefined) {
      const { file, line } = same.directive.place
      const what = `WSGIDaemonProcess ${name} is defined already at ${file}:${line}`
      found.faults.push({ place: directive.place, what })
    } else found.daemons.push({ name, options, directive })
    return undefined
  },
  wsgiimportscript: (directive, { found, serverRoot }) => {
    const {
      words: [path],
      options,
      wrong,
    } = readOptions(directive.rest, 1)
    if (path === undefined || wrong !== undefined) return faultOf(found, directive, wrong)
    found.imports.push({ path: absolutePath(path, serverRoot), options, directive })
    return undefined
  },
  wsgiscriptalias: (directive, context) => scriptAlias(directive, context, false),
  wsgiscriptaliasmatch: (directive, context) => scriptAlias(directive, context, true),
  alias: (directive, { found, scope, isSection, serverRoot }) => {
    const [url, target] = directive.args
    if (isSection || url === undefined || target === undefined) return 'an Alias in a section is not understood'
    found.aliases.push({ scope, url, target: absolutePath(target, serverRoot), isRoot: false, directive })
    return undefined
  },
  documentroot: (directive, { found, scope, serverRoot }) => {
    const target = absolutePath(directive.args[0] ?? '', serverRoot)
    found.aliases.push({ scope, url: '/', target, isRoot: true, directive })
    return undefined
  },
  wsgipythonhome: ({ args: [path = ''] }, { found }) => void (found.everywhere['python-home'] = path),
  wsgipythonpath: ({ args: [paths = ''] }, { found }) =>
    void (found.embedded['python-path'] = paths.split(':').filter((each) => each !== '')),
  wsgipythoneggs: ({ args: [path = ''] }, { found }) => void (found.embedded['python-eggs'] = path),
  wsgiswitchinterval: ({ args: [seconds = ''] }, { found }) =>
    void (found.embedded['switch-interval'] = Number(seconds)),
  wsgirestrictstdout: ({ args }, { found }) => {
    if (isOn(args)) found.everywhere['restrict-stdout'] = 'error'
    return undefined
  },
  wsgirestrictstdin: ({ args }) => offOnly(args, 'standard input is empty: reading it finds the end'),
  wsgirestrictsignal: ({ args }) => (isOn(args) ? undefined : 'handlers of signals are always left to wsgid'),
  servername: ({ args: [name = ''] }, { scope }) => void scope.hosts.unshift(hostOf(name)),
  serveralias: ({ args }, { scope }) => void scope.hosts.push(...args.map(hostOf)),
  sslengine: ({ args }, { scope }) => void (scope.tls = isOn(args)),
  sslcertificatefile: ({ args: [path = ''] }, { scope, serverRoot }) =>
    void scope.certificates.push(absolutePath(path, serverRoot)),
  sslcertificatekeyfile: ({ args: [path = ''] }, { scope, serverRoot }) =>
    void scope.keys.push(absolutePath(path, serverRoot)),
  sslcertificatechainfile: () => 'put these certificates behind the own one, into the file of SSLCertificateFile',
  sslprotocol: () => 'TLS 1.2 and later are served',
  redirect: redirect,
  redirectpermanent: ({ args, ...rest }, context) => redirect({ args: ['permanent', ...args], ...rest }, context),
}

function scriptAlias(
  directive: Directive,
  { found, scope, serverRoot }: Context,
  isPattern: boolean,
): string | undefined {
  const { words, options, wrong } = readOptions(directive.rest, 2)
  const [url, script] = words
  if (url === undefined || script === undefined || wrong !== undefined) return faultOf(found, directive, wrong)
  found.scripts.push({
    ...{ scope, url, isPattern, script: absolutePath(script, serverRoot), extension: '', options, directive },
  })
  return undefined
}

/** Apache does not start with it. */
function faultOf(found: Collected, { text, place }: Directive, wrong: string | undefined): string | undefined {
  const what = wrong === undefined ? `${text} lacks an argument` : `${text}: "${wrong}" is no option, name=value`
  found.faults.push({ place, what })
  return undefined
}

function redirect(directive: Directive, { scope, isSection }: Context): string | undefined {
  const { args } = directive
  const [status, path, url = ''] = args.length === 3 ? args : ['temp', ...args]
  const [, scheme, host, port] = /^(https?):\/\/([^/:]+)(?::(\d+))?\/?$/i.exec(url) ?? []
  const isKnown = /^(?:permanent|temp|30[1278])$/i.test(status ?? '')
  if (scheme === undefined || host === undefined || path !== '/' || !isKnown || scope.virtual === null || isSection)
    return 'only a virtual host as a whole can be redirected, to the root of another one'
  const isPermanent = /^(?:permanent|301|308)$/i.test(status ?? '')
  scope.redirection = {
    ...{ scheme: scheme.toLowerCase(), host: host.toLowerCase(), port: port === undefined ? null : Number(port) },
    ...{ isPermanent, directive },
  }
  return undefined
}

/** "#33" is a number. */
function account([written = '']: readonly string[], take: (name: string) => void): string | undefined {
  if (written.includes('${')) return 'nothing defines this variable: name the account in the group files'
  take(written.replace(/^#/, ''))
  return undefined
}

export function number(written: string, take: (value: number) => void): string | undefined {
  if (!/^\d+$/.test(written)) return 'it is no number'
  take(Number(written))
  return undefined
}

export const isOn = ([written = '']: readonly string[]): boolean => written.toLowerCase() === 'on'
/** For switches of which wsgid knows only one position. */
export const offOnly = (args: readonly string[], why: string): string | undefined => (isOn(args) ? why : undefined)

const hostOf = (written: string): string =>
  written
    .toLowerCase()
    .replace(/^https?:\/\//, '')
    .replace(/:\d+$/, '')
