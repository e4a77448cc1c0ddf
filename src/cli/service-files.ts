// The files by which a system starts wsgid, rotates its logs and keeps its directories: templates of scripts/package/ with this installation's paths.
// Knows no command line and writes nothing.
import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import { CommandFailure } from './failure.ts'

/** What `wsgid init` can make. */
export const serviceFiles = {
  systemd: { template: 'wsgid.service', target: '/etc/systemd/system/wsgid.service', mode: 0o644 },
  'systemd-socket': { template: 'wsgid.socket', target: '/etc/systemd/system/wsgid.socket', mode: 0o644 },
  sysv: { template: 'wsgid.init', target: '/etc/init.d/wsgid', mode: 0o755 },
  logrotate: { template: 'wsgid.logrotate', target: '/etc/logrotate.d/wsgid', mode: 0o644 },
  tmpfiles: { template: 'wsgid.tmpfiles', target: '/etc/tmpfiles.d/wsgid.conf', mode: 0o644 },
} as const

export type ServiceFile = keyof typeof serviceFiles

/** Absolute paths; `notify` is bin/with-notify-socket, `logdir` may be "-". */
export type ServicePaths = Readonly<Record<'node' | 'program' | 'notify' | 'config' | 'rundir' | 'logdir', string>>

/** The programs of this installation: the node that runs this, and what stands in bin/. */
export function installedPrograms(): Pick<ServicePaths, 'node' | 'program' | 'notify'> {
  return { node: process.execPath, program: inPackage('bin/wsgid'), notify: inPackage('bin/with-notify-socket') }
}

/**
 * One of the files as text.
 *
 * @throws CommandFailure when a path cannot stand in such a file, or there are no log files to rotate
 */
export function renderServiceFile(file: ServiceFile, paths: ServicePaths): string {
  const template = readFileSync(inPackage(`scripts/package/${serviceFiles[file].template}`), 'utf8')
  const text = paths.logdir === '-' ? withoutLogDir(file, template) : template
  return text.replace(/@(node|program|notify|config|rundir|logdir)@/g, (_, name: keyof ServicePaths) =>
    plain(paths[name]),
  )
}

function withoutLogDir(file: ServiceFile, template: string): string {
  if (file === 'logrotate')
    throw new CommandFailure('init: logrotate: log-dir is "-", so there are no log files; set log-dir in wsgid.yaml')
  return template.replace(/^.*@logdir@.*\n/gm, '')
}

// systemd, sh, logrotate and tmpfiles.d quote in four ways; a path that needs none means the same to all of them.
function plain(path: string): string {
  if (/^[\w/.,:+=~-]+$/.test(path)) return path
  throw new CommandFailure(
    `init: path "${path}" has a character that would need quoting; use one of letters, digits and / . , : + = ~ - _ only`,
  )
}

/** The package's root is two levels above dist/cli. */
function inPackage(path: string): string {
  return fileURLToPath(new URL(`../../${path}`, import.meta.url))
}
