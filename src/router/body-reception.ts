// A request's way from its head to its group's dispatcher. Small bodies are collected before they occupy a worker; larger ones, known or
// found to be, are streamed. Knows nothing of routes.
import { LARGEST_WHOLE_BODY } from '../protocol/frames.ts'
import type { Dispatcher } from './dispatcher.ts'
import type { Exchange } from './exchange.ts'
import { endAfter } from './last-request.ts'
import { queueStart, type RequestFacts } from './request-head.ts'
import { forbiddenTrailer } from './trailers.ts'
import { tooLarge, Upload } from './upload.ts'

/** Larger bodies go to the worker as they came: each copy of them would cost more than a second part of a write. */
const LARGEST_TEXT = 16_384

/** A request whose head is complete. */
type Arrival = Readonly<{
  head: string
  facts: RequestFacts
  /** Asks the client for the body that it keeps back; undefined: it sends it unasked. */
  invite: (() => void) | undefined
}>

/** Gives a request whose head is complete to the group's workers, now or when its body is at hand. */
export function forward(exchange: Exchange, dispatcher: Dispatcher, arrival: Arrival): void {
  const { facts, invite } = arrival
  const limit = dispatcher.settings.limitRequestBody
  if (limit > 0 && facts.contentLength > limit) return refuseBody(exchange, 413, tooLarge(limit))
  exchange.head = arrival.head
  if (!facts.chunked && facts.contentLength <= 0) return dispatcher.submit(exchange)
  // Whether a body that is kept back is wanted, is the application's to say.
  if (facts.contentLength > LARGEST_WHOLE_BODY || invite !== undefined)
    stream(exchange, dispatcher, { first: [], invite })
  else collect(exchange, dispatcher)
}

type Streaming = Readonly<{ first: Buffer[]; invite?: (() => void) | undefined }>

/** @param first what has come of the body already */
function stream(exchange: Exchange, dispatcher: Dispatcher, { first, invite }: Streaming): void {
  exchange.head += queueStart()
  exchange.upload = new Upload(exchange.request, {
    first,
    limit: dispatcher.settings.limitRequestBody,
    refuse: (status, why) => refuseBody(exchange, status, why),
    invite,
  })
  dispatcher.submit(exchange)
}

function collect(exchange: Exchange, dispatcher: Dispatcher): void {
  const { request } = exchange
  const limit = dispatcher.settings.limitRequestBody
  const largest = limit > 0 ? Math.min(limit, LARGEST_WHOLE_BODY) : LARGEST_WHOLE_BODY
  let parts: Buffer[] = []
  let length = 0
  const take = (chunk: Buffer): void => {
    parts.push(chunk)
    length += chunk.length
    if (length <= largest) return
    request.off('data', take).off('end', complete)
    if (limit > 0 && length > limit) refuseBody(exchange, 413, tooLarge(limit))
    else stream(exchange, dispatcher, { first: parts })
  }
  const complete = (): void => {
    if (exchange.done) return
    const forbidden = forbiddenTrailer(request.rawTrailers)
    if (forbidden !== undefined) return refuseBody(exchange, 400, forbidden)
    exchange.head += queueStart()
    exchange.body = length > LARGEST_TEXT ? parts : textOf(parts)
    // An idle connection keeps its last request, that request these listeners, and they would keep the body.
    parts = []
    dispatcher.submit(exchange)
  }
  request.on('data', take).on('end', complete)
}

const textOf = (parts: readonly Buffer[]): string =>
  (parts.length === 1 ? (parts[0] ?? Buffer.alloc(0)) : Buffer.concat(parts)).toString('latin1')

/** The rest of the body, if there is one, is not wanted: the connection ends with the answer. */
function refuseBody(exchange: Exchange, status: number, why: string): void {
  endAfter(exchange.response)
  exchange.refuse(status, why)
}
