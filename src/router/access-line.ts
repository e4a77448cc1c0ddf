// How a line of an access log reads: Apache's "combined", or JSON. Pure. Whatever a client sends, the result is one line of printable ASCII.
import type { RequestEnd } from './request-end.ts'

/** @param at milliseconds since the epoch when the request arrived */
export type LineFormat = (end: RequestEnd, at: number) => string

/**
 * Apache's `%h %l %u %t "%r" %>s %b "%{Referer}i" "%{User-Agent}i"`, escaped as its ap_escape_logitem does. A request that was not answered
 * at all has status 499, as nginx has it.
 */
export function combinedLine(end: RequestEnd, at: number): string {
  const { method, target, protocol, rawHeaders, status, bytes } = end
  const line = method === '' ? '-' : `${method} ${escaped(target)} ${protocol}`
  return (
    `${whoAndWhen(end, at)} "${line}" ${status ?? 499} ${bytes === 0 ? '-' : bytes} ` +
    `"${escaped(headerOf(rawHeaders, 'referer') ?? '-')}" "${escaped(headerOf(rawHeaders, 'user-agent') ?? '-')}"\n`
  )
}

let lastClient = ''
let lastUser: string | null = null
let lastSecond = -1
let lastWhoAndWhen = ''

/** `%h %l %u %t`; the last one is kept: consecutive requests mostly come from the same client. */
function whoAndWhen({ client, user }: RequestEnd, at: number): string {
  const second = Math.floor(at / 1000)
  if (second !== lastSecond || client !== lastClient || user !== lastUser) {
    lastClient = client
    lastUser = user
    lastSecond = second
    lastWhoAndWhen = `${client === '' ? '-' : client} - ${user === null ? '-' : user === '' ? '""' : escaped(user)} ${apacheTime(second)}`
  }
  return lastWhoAndWhen
}

/** One object a line; names and units in docs/operations.md. What was not there is null. */
export function jsonLine(end: RequestEnd, at: number): string {
  const { rawHeaders, status, queueMs, applicationMs, workerPid, group } = end
  // Ids, addresses, methods (parsed as tokens), protocols and names of groups need no escape.
  return (
    `{"time":"${isoTime(at)}","request":"${end.requestId}","client":"${end.client}","user":${orNull(end.user)},` +
    `"method":"${end.method}","target":${quoted(end.target)},"protocol":"${end.protocol}","host":${quoted(end.host)},` +
    `"status":${status ?? 'null'},"bytes":${end.bytes},"referer":${orNull(headerOf(rawHeaders, 'referer'))},` +
    `"userAgent":${orNull(headerOf(rawHeaders, 'user-agent'))},"group":${group === null ? 'null' : `"${group}"`},` +
    `"workerPid":${workerPid ?? 'null'},"queueMs":${inMicroseconds(queueMs)},"applicationMs":${inMicroseconds(applicationMs)},` +
    `"totalMs":${inMicroseconds(end.endedAt - end.arrivedAt)},"cause":"${end.cause}"}\n`
  )
}

// Printable ASCII but for the quote and the backslash.
const special = /[^\x20\x21\x23-\x5b\x5d-\x7e]/
const eachSpecial = /[^\x20\x21\x23-\x5b\x5d-\x7e]/g

function escaped(text: string): string {
  return special.test(text) ? text.replace(eachSpecial, apacheEscape) : text
}

const apacheNames: Readonly<Record<string, string>> = {
  '\b': '\\b',
  '\n': '\\n',
  '\r': '\\r',
  '\t': '\\t',
  '\v': '\\v',
  '\\': '\\\\',
  '"': '\\"',
}

const apacheEscape = (character: string): string =>
  apacheNames[character] ?? `\\x${character.charCodeAt(0).toString(16).padStart(2, '0')}`

function quoted(text: string): string {
  return special.test(text) ? `"${text.replace(eachSpecial, jsonEscape)}"` : `"${text}"`
}

const jsonEscape = (character: string): string =>
  character === '"' || character === '\\'
    ? `\\${character}`
    : `\\u${character.charCodeAt(0).toString(16).padStart(4, '0')}`

const orNull = (text: string | null | undefined): string =>
  text === null || text === undefined ? 'null' : quoted(text)

/** Milliseconds with three decimals, put together from whole numbers: to print a fraction takes ten times as long. */
function inMicroseconds(ms: number | null): string {
  if (ms === null) return 'null'
  const microseconds = Math.round(ms * 1000)
  const whole = Math.floor(microseconds / 1000)
  const rest = microseconds - whole * 1000
  return `${whole}.${rest < 10 ? '00' : rest < 100 ? '0' : ''}${rest}`
}

/** The value of the first header of this name, which is lower-case. */
function headerOf(raw: readonly string[], name: string): string | undefined {
  for (let index = 0; index < raw.length; index += 2) {
    const candidate = raw[index] ?? ''
    if (candidate.length === name.length && isInitialOf(name, candidate) && candidate.toLowerCase() === name)
      return raw[index + 1]
  }
  return undefined
}

/** Of either case: what tells "Connection" and "User-Agent" apart at less cost than toLowerCase. */
const isInitialOf = (name: string, candidate: string): boolean =>
  (candidate.charCodeAt(0) | 0x20) === name.charCodeAt(0)

let apacheSecond = -1
let apacheText = ''

/** `[21/Nov/2026:11:30:00 +0000]`, local time as Apache has it; made once a second. */
function apacheTime(second: number): string {
  if (second !== apacheSecond) {
    apacheSecond = second
    apacheText = renderApacheTime(new Date(second * 1000))
  }
  return apacheText
}

const months = ['Jan', 'Feb', 'Mar', 'Apr', 'May', 'Jun', 'Jul', 'Aug', 'Sep', 'Oct', 'Nov', 'Dec']
const twoDigits = (number: number): string => String(number).padStart(2, '0')

function renderApacheTime(date: Date): string {
  const offset = -date.getTimezoneOffset()
  const zone = `${offset < 0 ? '-' : '+'}${twoDigits(Math.floor(Math.abs(offset) / 60))}${twoDigits(Math.abs(offset) % 60)}`
  const day = `${twoDigits(date.getDate())}/${months[date.getMonth()] ?? ''}/${date.getFullYear()}`
  const time = [date.getHours(), date.getMinutes(), date.getSeconds()].map(twoDigits).join(':')
  return `[${day}:${time} ${zone}]`
}

let isoSecond = -1
let isoPrefix = ''

function isoTime(at: number): string {
  const second = Math.floor(at / 1000)
  if (second !== isoSecond) {
    isoSecond = second
    isoPrefix = new Date(second * 1000).toISOString().slice(0, 20)
  }
  return `${isoPrefix}${String(Math.floor(at) - second * 1000).padStart(3, '0')}Z`
}
