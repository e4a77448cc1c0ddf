// The differences between environ under Apache + mod_wsgi and under wsgid that are meant, each with its reason. What is not in here
// is an error; so is what is in here and does not occur. docs/differences-from-mod-wsgi.md shows this table.
import type { Deviation, Value } from './environ.ts'

export type Difference = Readonly<{
  /** Names in environ, or what several have in common. */
  keys: readonly string[]
  apache: string
  wsgid: string
  why: string
  /** Whether a deviation in one of these keys is this difference. */
  covers: (deviation: Deviation) => boolean
}>

const absent = (value: Value | undefined): boolean => value === undefined
const isText = (pattern: RegExp) => (value: Value | undefined) =>
  value?.type === 'str' && typeof value.value === 'string' && pattern.test(value.value)
const isNumber = (value: Value | undefined): boolean =>
  (value?.type === 'float' || value?.type === 'int') && typeof value.value === 'number' && value.value > 0
const isOfType = (name: string) => (value: Value | undefined) => value?.type === name

type Side = (value: Value | undefined) => boolean
const both =
  (apache: Side, wsgid: Side) =>
  (deviation: Deviation): boolean =>
    apache(deviation.apache) && wsgid(deviation.wsgid)

const microseconds = isText(/^\d{16}$/)

/** Every difference in environ that is meant. */
export const differences: readonly Difference[] = [
  {
    keys: ['REMOTE_PORT', 'mod_wsgi.request_id', 'mod_wsgi.thread_id', 'mod_wsgi.listener_port'],
    apache: 'its own',
    wsgid: 'its own',
    why: 'what tells one connection, request, thread or listener from another is not comparable',
    covers: ({ apache, wsgid }) => apache?.type === wsgid?.type && (isNumber(wsgid) || isText(/^\S+$/)(wsgid)),
  },
  {
    keys: ['SERVER_SOFTWARE'],
    apache: 'Apache/… mod_wsgi/… Python/…',
    wsgid: 'wsgid',
    why: 'each says its own name',
    covers: both(isText(/^Apache\/.* mod_wsgi\//), isText(/^wsgid\b/)),
  },
  {
    keys: ['DOCUMENT_ROOT', 'CONTEXT_DOCUMENT_ROOT'],
    apache: 'DocumentRoot',
    wsgid: "the group's home, else the script's directory",
    why: 'wsgid has no document root; `environ` of an application can set one',
    covers: both(isText(/^\/var\/www\/html$/), isText(/^\/.*\/apps$/)),
  },
  {
    keys: ['SERVER_PORT'],
    apache: 'of ServerName, else 80',
    wsgid: 'of the listener',
    why: 'only where the Host header names no port; RFC 3875 §4.1.15: the port on which the request was received',
    covers: both(isText(/^80$/), isText(/^\d+$/)),
  },
  {
    keys: ['SERVER_NAME'],
    apache: 'ServerName',
    wsgid: 'the address of the listener',
    why: 'only where a request has no Host (HTTP/1.0); wsgid has no ServerName',
    covers: both(isText(/^localhost$/), isText(/^127\.0\.0\.1$/)),
  },
  {
    keys: ['HTTP_COOKIE'],
    apache: 'several Cookie headers joined by ", "',
    wsgid: 'joined by "; "',
    why: 'a comma would hide all but the first cookie from the application (RFC 9113 §8.2.3)',
    covers: both(isText(/^a=1, b=2$/), isText(/^a=1; b=2$/)),
  },
  {
    keys: ['mod_wsgi.request_start', 'mod_wsgi.queue_start', 'mod_wsgi.daemon_start'],
    apache: 'microseconds since 1970, text',
    wsgid: 'seconds since 1970, float',
    why: 'as mod_wsgi 6 has them',
    covers: both(microseconds, isOfType('float')),
  },
  {
    keys: ['mod_wsgi.application_start', 'mod_wsgi.connection_id', 'mod_wsgi.server_pid'],
    apache: 'absent',
    wsgid: 'present',
    why: 'as mod_wsgi 6 has them; Debian 12 packages 4.9',
    covers: both(absent, (value) => isNumber(value) || isText(/^\S+$/)(value)),
  },
  {
    keys: ['mod_wsgi.script_start'],
    apache: 'present',
    wsgid: 'absent',
    why: 'mod_wsgi 6 calls it mod_wsgi.application_start',
    covers: both(microseconds, absent),
  },
  {
    keys: [
      'mod_wsgi.daemon_connects',
      'mod_wsgi.daemon_restarts',
      'mod_wsgi.thread_requests',
      'mod_wsgi.total_requests',
    ],
    apache: 'present',
    wsgid: 'absent',
    why: 'mod_wsgi 6 has them no longer; requests of a worker: `wsgid status`',
    covers: both((value) => !absent(value), absent),
  },
  {
    keys: ['GATEWAY_INTERFACE', 'PATH_TRANSLATED', 'SERVER_SIGNATURE'],
    apache: 'present',
    wsgid: 'absent',
    why: 'mod_wsgi 6 has them no longer: they mean nothing to a WSGI application',
    covers: both(isOfType('str'), absent),
  },
  {
    keys: ['mod_wsgi.version'],
    apache: 'its version',
    wsgid: '(6, 0, 5)',
    why: 'the mod_wsgi whose environ wsgid follows',
    covers: both(isOfType('tuple'), isOfType('tuple')),
  },
  {
    keys: ['apache.version'],
    apache: 'its version',
    wsgid: 'absent',
    why: 'there is no Apache',
    covers: both(isOfType('tuple'), absent),
  },
  {
    keys: ['wsgi.errors', 'wsgi.input'],
    apache: "mod_wsgi's classes",
    wsgid: "wsgid's classes",
    why: 'PEP 3333 names methods, not classes',
    covers: both(isOfTypes(['TextIOWrapper', 'Input']), isOfTypes(['LogStream', 'BytesIO', 'RequestBody'])),
  },
]

function isOfTypes(names: readonly string[]): Side {
  return (value) => value !== undefined && value.value === null && names.includes(value.type)
}

/** The difference that explains a deviation, or undefined. */
export function explain(deviation: Deviation): Difference | undefined {
  return differences.find(({ keys, covers }) => keys.includes(deviation.key) && covers(deviation))
}
