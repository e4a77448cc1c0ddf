// What `wsgid import-apache` makes of a text, for unit tests: the files as values, each of which wsgid takes, and the lines of stderr.
// And the pieces that most of these texts consist of.
import { parse } from 'yaml'
import { collect } from '../../src/apache/collect.ts'
import { expandApache, type KindOf, type World } from '../../src/apache/expand.ts'
import { remarkLines, renderDraft } from '../../src/apache/render.ts'
import { translate } from '../../src/apache/translate.ts'
import { renderReport } from '../../src/config/diagnostics.ts'
import { parseGroupFile, parseServerFile } from '../../src/config/parse.ts'

/** Paths that end with a slash, or are named here, are directories; those with a dot files. */
const directories = ['/srv/scripts']
const kindOf: KindOf = (path) =>
  path.endsWith('/') || directories.includes(path) ? 'directory' : path.includes('.') ? 'file' : 'absent'
const world: World = { serverRoot: '/etc/apache2', include: () => [], kindOf, variables: new Map() }

export function collected(text: string) {
  return collect('httpd.conf', expandApache('httpd.conf', text, world))
}

/** Files by name, as values; each is one that wsgid takes. `remarks`: what stderr says, without the name of the file. */
export function imported(text: string) {
  const { wrong, ...rest } = written(text)
  if (wrong.length > 0) throw new Error(wrong.join('\n'))
  return rest
}

/** The same; `wrong` is what wsgid says of the files. */
export function written(text: string) {
  const found = collected(text)
  if (found.faults.length > 0) throw new Error(JSON.stringify(found.faults))
  const draft = translate(found, kindOf)
  const rendered = renderDraft(draft, 'httpd.conf')
  const wrong = rendered.flatMap(({ path, text: yaml }) => {
    const check = path === 'wsgid.yaml' ? parseServerFile : parseGroupFile
    const result = check({ name: path, path: `/etc/wsgid/${path}`, text: yaml })
    return result.ok ? [] : [`${renderReport(result.diagnostics)}\n${yaml}`]
  })
  const files = Object.fromEntries(
    rendered.map(({ path, text: yaml }) => [path, parse(yaml) as Record<string, unknown> | null]),
  )
  return {
    files,
    /** Of group a. */
    applications: files['groups.d/a.yaml']?.['applications'],
    texts: Object.fromEntries(rendered.map(({ path, text: yaml }) => [path, yaml])),
    wrong,
    remarks: remarkLines(draft).map((line) => line.replace(/^httpd\.conf:/, '')),
  }
}

/** Group a. */
export const daemon = 'WSGIDaemonProcess a user=trac\n'
/** Its application, at /a. */
export const mounted = 'WSGIScriptAlias /a /srv/a.wsgi process-group=a application-group=%{GLOBAL}\n'

/** A section that asks for the password of a user. */
export const login = (require: string, where = 'Location /a') =>
  `<${where}>\nAuthType Basic\nAuthName A\nAuthUserFile /u\nAuthGroupFile /g\n${require}\n</${where.split(' ')[0] ?? ''}>\n`

/** What that becomes when any user may pass. */
export const asked = { realm: 'A', users: '/u' }

/** A section by the line that opens it. */
export const within = (opening: string, inside: string) =>
  `${opening}\n${inside}\n</${/^<(\w+)/.exec(opening)?.[1] ?? ''}>`

/** A virtual host. */
export const host = (name: string, inside: string, port = '80') =>
  `<VirtualHost *:${port}>\nServerName ${name}\n${inside}\n</VirtualHost>\n`

/** An application of group a. */
export const at = (mount: string, script = '/srv/a.wsgi') =>
  `WSGIScriptAlias ${mount} ${script} process-group=a application-group=%{GLOBAL}`
