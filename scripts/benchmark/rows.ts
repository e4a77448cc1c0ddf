// The servers that can be measured: how a row is named, which Debian packages it needs, how it is started.
import { apachePackages } from '../servers/apache.ts'
import { startApache } from './peers/apache.ts'
import { startGunicorn } from './peers/gunicorn.ts'
import { startNginxUwsgi } from './peers/nginx-uwsgi.ts'
import { startWsgid } from './peers/wsgid.ts'
import type { Server } from '../servers/server.ts'
import type { Workspace } from './workspace.ts'

export const rowNames = ['apache', 'nginx-uwsgi', 'gunicorn', 'wsgid'] as const
export type RowName = (typeof rowNames)[number]

export type Row = Readonly<{
  title: string
  packages: readonly string[]
  start: (workspace: Workspace, signal: AbortSignal) => Promise<Server>
}>

/** Makes the table of rows; `wsgidProgram` is the bin/wsgid to measure. */
export const rowsWith = (wsgidProgram: string): Readonly<Record<RowName, Row>> => ({
  apache: {
    title: 'Apache event + mod_wsgi daemon mode',
    packages: apachePackages,
    start: startApache,
  },
  'nginx-uwsgi': {
    title: 'nginx + uWSGI (Unix socket)',
    packages: ['nginx', 'uwsgi-core', 'uwsgi-plugin-python3'],
    start: startNginxUwsgi,
  },
  gunicorn: { title: 'gunicorn gthread', packages: ['gunicorn'], start: startGunicorn },
  wsgid: {
    title: 'wsgid',
    packages: ['python3'],
    start: (workspace, signal) => startWsgid(workspace, wsgidProgram, signal),
  },
})
