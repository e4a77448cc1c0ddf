// What can be measured: how a row is named, which Debian packages it needs, how it is started, and who of its processes is who.
import { apachePackages } from '../servers/apache.ts'
import type { Server } from '../servers/server.ts'
import { startModWsgi } from './peers/apache.ts'
import { startEcho } from './peers/echo.ts'
import { startGunicorn, startNginxGunicorn } from './peers/gunicorn.ts'
import { startNodeHttp } from './peers/node-http.ts'
import { startPassenger } from './peers/passenger.ts'
import { startNginxUwsgi, startUwsgiHttp } from './peers/uwsgi.ts'
import { observedStarter, routersStarter, wsgidStarter } from './peers/wsgid.ts'
import type { Site, Workspace } from './workspace.ts'

export type Wanted = Readonly<{ workspace: Workspace; site: Site; signal: AbortSignal }>
export type Start = (wanted: Wanted) => Promise<Server>

export const rowNames = [
  'apache',
  'nginx-uwsgi',
  'uwsgi-http',
  'gunicorn',
  'nginx-gunicorn',
  'passenger',
  'wsgid',
  'wsgid-routers',
  'wsgid-observed',
  'node-http',
  'echo',
] as const
export type RowName = (typeof rowNames)[number]

export type Row = Readonly<{
  name: RowName
  title: string
  /** `peer`: what we compare with; `bound`: what no server of this kind can be faster than; it has the plain site's hello only. */
  kind: 'peer' | 'ours' | 'bound'
  packages: readonly string[]
  start: Start
  /** Which command lines belong to the application server; all others are the web server. */
  application: RegExp
  /** Sent to the first command to have the application loaded anew without losing requests; none: it cannot. */
  restart?: NodeJS.Signals
  /** The scenarios that it is for; default: all, for a bound those of hello-world. */
  only?: readonly string[]
  /** The scenario that it cannot do. */
  unfit?: string
}>

/** Measured without --rows; `bounds` adds what --bounds asks for. */
export function defaultRows(bounds: boolean): RowName[] {
  const isBound = (name: RowName): boolean => name === 'node-http' || name === 'echo'
  return rowNames.filter((name) => bounds || !isBound(name))
}

const uwsgiPackages = ['uwsgi-core', 'uwsgi-plugin-python3']
const helloScenarios = ['hello-1', 'hello-32', 'hello-256', 'hello-close']
const node = { kind: 'bound', packages: ['python3'], application: /python3/, only: helloScenarios } as const
const wsgid = { kind: 'ours', packages: ['python3'], application: /^wsgid: /, restart: 'SIGUSR2' } as const

/** Makes the table of rows; `program` is the bin/wsgid to measure. */
export const rowsWith = (program: string): Readonly<Record<RowName, Row>> => ({
  apache: {
    name: 'apache',
    title: 'Apache event + mod_wsgi daemon mode',
    kind: 'peer',
    packages: apachePackages,
    start: startModWsgi,
    application: /^\(wsgi:/,
    restart: 'SIGUSR1',
  },
  'nginx-uwsgi': {
    name: 'nginx-uwsgi',
    title: 'nginx + uWSGI (Unix socket)',
    kind: 'peer',
    packages: ['nginx', ...uwsgiPackages],
    start: startNginxUwsgi,
    application: /uWSGI|uwsgi/,
    restart: 'SIGHUP',
  },
  'uwsgi-http': {
    name: 'uwsgi-http',
    title: 'uWSGI --http',
    kind: 'peer',
    packages: uwsgiPackages,
    start: startUwsgiHttp,
    // With kept connections on, nearly every request that asks for the end of its connection fails in wrk.
    unfit: 'hello-close',
    application: /uWSGI (master|worker)|uwsgi/,
    restart: 'SIGHUP',
  },
  gunicorn: {
    name: 'gunicorn',
    title: 'gunicorn gthread',
    kind: 'peer',
    packages: ['gunicorn'],
    start: startGunicorn,
    application: /gunicorn/,
    restart: 'SIGHUP',
  },
  'nginx-gunicorn': {
    name: 'nginx-gunicorn',
    title: 'nginx + gunicorn gthread',
    kind: 'peer',
    packages: ['nginx', 'gunicorn'],
    start: startNginxGunicorn,
    application: /gunicorn/,
    restart: 'SIGHUP',
  },
  passenger: {
    name: 'passenger',
    title: 'Apache event + Passenger (1 thread)',
    kind: 'peer',
    packages: ['apache2', 'libapache2-mod-passenger'],
    start: startPassenger,
    application: /wsgi-loader|WsgiApp|wsgi_app/i,
  },
  wsgid: { name: 'wsgid', title: 'wsgid', ...wsgid, start: wsgidStarter(program) },
  'wsgid-routers': {
    name: 'wsgid-routers',
    title: 'wsgid, a router for each processor',
    ...wsgid,
    start: routersStarter(program),
    only: ['hello-32', 'hello-256', 'hello-close', 'post-1k'],
  },
  'wsgid-observed': {
    name: 'wsgid-observed',
    title: 'wsgid with access log, /metrics each second',
    ...wsgid,
    start: observedStarter(program),
    only: ['hello-32'],
  },
  'node-http': { name: 'node-http', title: 'bound: node:http answers itself', ...node, start: startNodeHttp },
  echo: { name: 'echo', title: 'bound: bytes through two processes', ...node, start: startEcho },
})
