// What a client sees when wsgid itself answers: what happened and a number to find the cause by, nothing of the inside.
import { STATUS_CODES } from 'node:http'
import type { ClientResponse } from './client-message.ts'
import { http1Head } from './http1-head.ts'
import { SERVER } from './response-head.ts'

/** Explanations by status, written for whoever looks at the browser. */
const EXPLANATIONS: Readonly<Record<number, string>> = {
  400: 'The request could not be understood.',
  401: 'This address asks for a user name and a password.',
  403: 'This address is not to be served.',
  404: 'Nothing is served at this address.',
  405: 'This method is not for this address.',
  408: 'The request took too long to arrive.',
  412: 'What is at this address is not what the request was made for.',
  413: 'The request body is larger than this site accepts.',
  414: 'The address of the request is too long.',
  416: 'What is at this address does not have the wanted part.',
  417: 'The request expects what this server does not offer.',
  429: 'There were too many attempts to log in. Wait a little.',
  431: 'The header of the request is too large.',
  500: 'The application failed to answer this request.',
  502: 'The application stopped before it had answered this request.',
  503: 'The application is not available at the moment.',
  504: 'The application did not take up this request in time.',
}

/**
 * An error page.
 * @param status    one of the statuses wsgid makes itself
 * @param requestId under which the cause stands in the log
 */
export function renderErrorPage(status: number, requestId: string): string {
  const title = `${status} ${STATUS_CODES[status] ?? ''}`
  const reference = `\n<p>Request id: <code>${requestId}</code></p>`
  return (
    `<!DOCTYPE html>\n<html lang="en"><head><meta charset="utf-8"><title>${title}</title></head>\n` +
    `<body><h1>${title}</h1>\n<p>${EXPLANATIONS[status] ?? ''}</p>${reference}\n</body></html>\n`
  )
}

/**
 * Answers with an error page, unless something was sent already: then the connection is cut, so that truncation is seen.
 * @returns how many bytes of a body were sent
 */
export function answerWithError(response: ClientResponse, status: number, requestId: string): number {
  if (response.headersSent) {
    response.destroy()
    return 0
  }
  const page = renderErrorPage(status, requestId)
  const allow = response.getHeader('Allow')
  const allowed = typeof allow === 'string' ? allow : undefined
  response.writeHead(status, STATUS_CODES[status] ?? '', errorHeaders(status, page.length, allowed))
  response.end(page, 'latin1')
  return response.req.method === 'HEAD' ? 0 : page.length
}

/** What could not be read as a request is answered as if it had asked for a page. */
const UNKNOWN_REQUEST = { method: 'GET', httpVersionMinor: 1 }

/** The same as bytes for a socket whose request could not be parsed; closes the connection. */
export function rawErrorResponse(status: number, requestId: string): Readonly<{ text: string; bytes: number }> {
  const page = renderErrorPage(status, requestId)
  const fields = errorHeaders(status, page.length)
  const head = http1Head(UNKNOWN_REQUEST, { status, reason: STATUS_CODES[status] ?? '', fields }, false)
  return { text: head.text + page, bytes: page.length }
}

const everyMethod = 'GET, HEAD, POST, PUT, PATCH, DELETE, OPTIONS'

function errorHeaders(status: number, length: number, allowed = everyMethod): string[] {
  const retry = status === 503 ? ['Retry-After', '1'] : []
  // RFC 9110 §15.5.6. What an application allows is its own business: without another list this is for CONNECT.
  const allow = status === 405 ? ['Allow', allowed] : []
  return [
    'Content-Type',
    'text/html; charset=utf-8',
    'Content-Length',
    String(length),
    'Cache-Control',
    'no-store',
    'Server',
    SERVER,
    ...retry,
    ...allow,
  ]
}
