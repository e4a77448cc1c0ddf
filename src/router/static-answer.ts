// Answers a request for a static file: method, redirect to a directory, precompressed variant; ranges and conditions are the `send`
// package's, which gets a descriptor and not a name, so that nothing can be exchanged on the way.
import { extname } from 'node:path'
import type { Readable, Writable } from 'node:stream'
import { contentType } from 'mime-types'
import send from 'send'
import type { StaticPlan } from '../plan/plan.ts'
import type { ClientRequest, ClientResponse } from './client-message.ts'
import { acceptedCodings, type Coding } from './content-codings.ts'
import { findInside, type Found } from './static-files.ts'

/** A request for something below a static directory. */
export type StaticRequest = Readonly<{
  request: ClientRequest
  response: ClientResponse
  directory: StaticPlan
  /** Decoded path of the request. */
  path: string
  /** Its part behind the prefix: "" or from a "/" on. */
  below: string
  query: string
}>

/** Answers by an error page; `why` is for the log. */
export type Refuse = (status: number, why: string, level: 'info' | 'error') => void

/** Answers; nothing is thrown. The response ends later. */
export async function answerStatic(wanted: StaticRequest, refuse: Refuse): Promise<void> {
  const { request, response } = wanted
  try {
    if (request.method !== 'GET' && request.method !== 'HEAD') {
      response.setHeader('Allow', 'GET, HEAD')
      refuse(405, `${request.method ?? ''} of a static file`, 'info')
      return
    }
    const chosen = await choose(wanted)
    if (chosen === undefined) {
      refuse(404, `no file that is to be served is at ${wanted.below} in ${wanted.directory.directory}`, 'info')
      return
    }
    if (chosen === 'redirect') {
      redirect(wanted)
      return
    }
    if (response.destroyed) {
      await chosen.found.handle.close()
      return
    }
    response.once('close', () => void chosen.found.handle.close())
    deliver(wanted, chosen, refuse)
  } catch (error) {
    refuse(500, `static file: ${error instanceof Error ? error.message : String(error)}`, 'error')
  }
}

type Chosen = Readonly<{ found: Found; coding: Coding | null; name: string }>

async function choose(wanted: StaticRequest): Promise<Chosen | 'redirect' | undefined> {
  const { directory, below } = wanted
  const found = await findInside(directory.directory, below)
  if (found === undefined) return undefined
  if (found.kind === 'file') return await withVariant(wanted, { found, coding: null, name: below })
  await found.handle.close()
  if (directory.index === null) return undefined
  if (!below.endsWith('/')) return 'redirect'
  const name = `${below}${Buffer.from(directory.index).toString('latin1')}`
  const index = await findInside(directory.directory, name)
  if (index?.kind === 'file') return await withVariant(wanted, { found: index, coding: null, name })
  await index?.handle.close()
  return undefined
}

/** The best variant beside a file that the client takes; one that is older than the file is out of date. */
async function withVariant({ request, directory }: StaticRequest, plain: Chosen): Promise<Chosen> {
  for (const coding of acceptedCodings(request.headers['accept-encoding'] ?? '')) {
    const found = await findInside(directory.directory, plain.name + coding.ending)
    if (found?.kind === 'file' && found.modifiedMs >= plain.found.modifiedMs) {
      await plain.found.handle.close()
      return { found, coding, name: plain.name }
    }
    await found?.handle.close()
  }
  return plain
}

function redirect({ response, path, query }: StaticRequest): void {
  const bytes = Buffer.from(path, 'latin1')
  const encoded = Array.from(bytes, (byte) => encodeByte(byte)).join('')
  // The path begins with exactly one slash: the answer leads to this host.
  response.writeHead(301, 'Moved Permanently', [
    ...['Location', `${encoded}/${query === '' ? '' : `?${query}`}`],
    ...['Content-Length', '0'],
  ])
  response.end()
}

function encodeByte(byte: number): string {
  const character = String.fromCharCode(byte)
  return /[A-Za-z0-9\-._~/!$&'()*+,;=:@]/.test(character)
    ? character
    : `%${byte.toString(16).toUpperCase().padStart(2, '0')}`
}

/** What is said of the file, and not of an error in its place. */
const FILE_HEADERS = [
  ...['Content-Type', 'Content-Length', 'Content-Encoding', 'Content-Range', 'Accept-Ranges'],
  ...['Cache-Control', 'Vary', 'ETag', 'Last-Modified'],
]

function deliver(
  { request, response, directory }: StaticRequest,
  { found, coding, name }: Chosen,
  refuse: Refuse,
): void {
  response.setHeader('Content-Type', contentType(extname(name)) || 'application/octet-stream')
  response.setHeader('Cache-Control', directory.cacheControl)
  response.setHeader('Vary', 'Accept-Encoding')
  // Variants are representations of their own: a range of one must not be completed by a piece of another.
  const tag = `${found.size.toString(16)}-${Math.floor(found.modifiedMs).toString(16)}`
  response.setHeader('ETag', `W/"${tag}${coding === null ? '' : `-${coding.name}`}"`)
  if (coding !== null) response.setHeader('Content-Encoding', coding.name)
  // It asks for nothing but method and headers; its types say more.
  send(request as unknown as Readable, `/${found.handle.fd}`, {
    root: '/proc/self/fd',
    index: false,
    cacheControl: false,
    etag: false,
  })
    .on('error', (error: Readonly<{ status?: number; code?: string }>) => {
      const range = response.getHeader('Content-Range')
      for (const header of FILE_HEADERS) response.removeHeader(header)
      if (error.status === 416 && range !== undefined) response.setHeader('Content-Range', range)
      if (error.status === 416) return refuse(416, `static file ${name} has no such range`, 'info')
      if (error.status === 412) return refuse(412, `static file ${name} is not what the request was made for`, 'info')
      const isClosed = error.code === 'EACCES'
      refuse(
        isClosed ? 403 : 500,
        `static file ${name}: ${isClosed ? 'the routers may not read it' : String(error.code)}`,
        'error',
      )
    })
    // It would be left open when the client goes away.
    .on('stream', (stream: Readable) => response.once('close', () => void stream.destroy()))
    // Of a stream it uses no more than a response is.
    .pipe(response as unknown as Writable)
}
