// A request as bytes, and what it is answered with: "STATUS" for pages of wsgid, "STATUS TEXT" for the witness application, which says method, path,
// query and [body]. `ends`: whether the connection is closed after the answers or takes another request. Also how lists of them are written.
import { get as getOf, post as postOf } from '../raw-http.ts'

export type Case = Readonly<{
  what: string
  send: string
  answers: readonly string[]
  ends: 'open' | 'closed'
  /** The answers are to HEAD. */
  head?: boolean
}>

export type Ends = Case['ends']

export const host = 'Host: x\r\n'
/** Never to be run: it stands where only a server that is confused finds a request. */
export const smuggled = getOf('/smuggled')

/** A GET with these header lines besides Host. */
export const get = (lines: string, path = '/'): string => getOf(path, lines)
/** A POST with these header lines besides Host, and what follows them. */
export const post = (lines: string, rest = ''): string => postOf('/', lines, rest)
export const chunkedPost = (body: string, path = '/'): string => postOf(path, 'Transfer-Encoding: chunked\r\n', body)

/** One answer and how it ends, for many requests. */
export const all = (answer: string, ends: Ends, requests: Readonly<Record<string, string>>): Case[] =>
  Object.entries(requests).map(([what, send]) => ({ what, send, answers: [answer], ends }))

/** Broken requests: 400, closed, and what follows is not run. */
export const refused = (requests: Readonly<Record<string, string>>): Case[] =>
  Object.entries(requests).map(([what, send]) => ({ what, send: send + smuggled, answers: ['400'], ends: 'closed' }))
