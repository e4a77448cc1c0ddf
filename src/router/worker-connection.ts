// One persistent connection to one worker: many requests at a time, told apart by number (docs/protocol.md). Frames of one tick of
// the event loop leave in one write. Knows exchanges only by what it must call on them; who gets which request is decided in dispatcher.ts.
import { connect, type Socket } from 'node:net'
import {
  bareFrame,
  creditFrame,
  FailureReason,
  frameHeader,
  FromWorkerKind,
  helloFrame,
  LARGEST_FIRST_CREDIT,
  LARGEST_WHOLE_RESPONSE,
  OUTDATED,
  PROTOCOL_VERSION,
  ProtocolViolation,
  type Payload,
  requestBodyFrame,
  requestFrame,
  requestStreamFrame,
  ToWorkerKind,
  type WholeBody,
} from '../protocol/frames.ts'
import { classOfStatus, STATUS_CLASSES } from '../protocol/request-counts.ts'
import { isBegun, type ScoreboardPlace } from '../protocol/scoreboard.ts'
import type { WorkerAddress } from '../protocol/supervision.ts'
import type { Exchange } from './exchange.ts'
import { InputBuffer } from './input-buffer.ts'
import { Outstanding } from './outstanding.ts'
import { NOWHERE, readScoreboard, UNREAD } from './scoreboard.ts'

/** What the connection reports; implemented by the dispatcher of its group. */
export type ConnectionOwner = {
  /** How much of one response may wait for its client, bytes. */
  readonly responseBufferSize: number
  connectionReady(connection: WorkerConnection): void
  /** The worker has ended a request: there is room for another. */
  connectionProgressed(connection: WorkerConnection): void
  /** Not started; `connection.takesNoMore` tells whether the worker may be asked again. */
  requestReturned(connection: WorkerConnection, exchange: Exchange): void
  /** The end, once. `lost`: requests without an end, in the order they were sent. */
  connectionLost(connection: WorkerConnection, lost: readonly Exchange[], reason: string): void
}

/** A worker that says more before HELLO or answers slower than this is not one of ours. */
const HELLO_TIMEOUT_MS = 5_000
/** Weights of the moving average of service time: quick to see a slow application, slow to trust a fast one again. */
const RISE = 0.5
const FALL = 0.1

const HELLO_LENGTH = 16
/** Shortest payload of each kind a worker may send; a kind that is not here may not come at all. */
const SHORTEST: Readonly<Record<number, number>> = {
  [FromWorkerKind.hello]: HELLO_LENGTH,
  [FromWorkerKind.response]: 8,
  [FromWorkerKind.responseHead]: 4,
  [FromWorkerKind.data]: 0,
  [FromWorkerKind.end]: 4,
  [FromWorkerKind.failed]: 6,
  [FromWorkerKind.credit]: 4,
  [FromWorkerKind.returned]: 0,
  [FromWorkerKind.returned | OUTDATED]: 0,
}

export class WorkerConnection {
  readonly address: WorkerAddress
  /** Bytes of each response's body that the worker may send unasked, for as long as the connection lives. */
  readonly firstCredit: number
  /** Requests without an end, by id, in the order they were sent: the order in which the worker starts them. */
  readonly outstanding = new Outstanding<Exchange>()
  /** Threads of the worker, from its HELLO. */
  threads = 0
  /** Moving average of how long the application takes, microseconds. */
  serviceTime = 1_000
  /** When the worker last ended a request, performance.now(). */
  progressedAt = 0
  /** Requests sent to this worker. */
  requests = 0
  /** Requests that have ended with this worker, by STATUS_CLASSES. */
  readonly ended: number[] = STATUS_CLASSES.map(() => 0)
  /** No new requests: the supervisor has withdrawn the worker, or the worker has said that it drains or that its script is not the newest. */
  withdrawn = false
  takesNoMore = false

  readonly #socket: Socket
  readonly #owner: ConnectionOwner
  readonly #helloTimer: NodeJS.Timeout
  #batch = ''
  /** Frames before #batch, and what is not text between them. */
  #parts: (string | Buffer)[] = []
  #flushScheduled = false
  readonly #input = new InputBuffer()
  #closed = false
  /** On the worker's scoreboard. */
  #place: ScoreboardPlace = NOWHERE

  constructor(address: WorkerAddress, router: number, owner: ConnectionOwner) {
    this.address = address
    this.#owner = owner
    this.firstCredit = Math.min(LARGEST_FIRST_CREDIT, owner.responseBufferSize)
    this.#socket = connect({
      path: address.socketPath,
      // Reads land in our own buffer: no allocation and no stream machinery per read.
      onread: {
        buffer: () => this.#input.room(),
        callback: (length) => this.#received(length),
      },
    })
    this.#socket.on('error', (error: NodeJS.ErrnoException) => {
      // With any other it may live, and begin with what it has.
      if (error.code === 'EPIPE' || error.code === 'ECONNRESET') this.#lost(error.message)
      else this.#close(error.message)
    })
    this.#socket.on('close', () => {
      // Not before: #close may be called from within a frame, which is parsed where it lies.
      this.#input.close()
      this.#lost('the worker closed the connection')
    })
    this.#socket.write(helloFrame(router, this.firstCredit), 'latin1')
    this.#helloTimer = setTimeout(() => this.#close('no HELLO from the worker'), HELLO_TIMEOUT_MS)
  }

  /** Sends a request whose body is at hand. */
  sendRequest(exchange: Exchange, head: string, body: WholeBody, flags: number): void {
    const id = this.#register(exchange)
    if (typeof body === 'string') this.#send(requestFrame(id, head, body, flags))
    else {
      const length = body.reduce((sum, part) => sum + part.length, 0)
      this.#send(requestBodyFrame(id, head, length, flags))
      for (const part of body) this.#sendBytes(part)
    }
  }

  /** Sends a request whose body follows by sendBody and sendBodyEnd. */
  sendStreamRequest(exchange: Exchange, head: string, flags: number): void {
    this.#send(requestStreamFrame(this.#register(exchange), head, flags))
  }

  sendBody(id: number, chunk: Buffer): void {
    this.#send(frameHeader(ToWorkerKind.data, id, chunk.length))
    this.#sendBytes(chunk)
  }

  sendBodyEnd(id: number): void {
    this.#send(bareFrame(ToWorkerKind.end, id))
  }

  sendCredit(id: number, amount: number): void {
    this.#send(creditFrame(id, amount))
  }

  /** The client is gone: the worker shall not go on. The request keeps its place until the worker has ended it. */
  sendAbort(id: number): void {
    this.#send(bareFrame(ToWorkerKind.abort, id))
  }

  /** Asks once for a request back; answered by requestReturned unless it has started. */
  recall(exchange: Exchange): void {
    if (exchange.recalled) return
    exchange.recalled = true
    this.#send(bareFrame(ToWorkerKind.recall, exchange.id))
  }

  /** No new requests. What the worker has not started need not wait for its threads: it may be stuck. */
  withdraw(): void {
    this.withdrawn = true
    for (const exchange of this.outstanding.values()) this.recall(exchange)
  }

  /** Ends the connection; without `outstanding` requests nothing is lost. */
  close(reason: string): void {
    this.#close(reason)
  }

  /** A request has ended that this worker had last. @param status 0: nothing was answered */
  countEnd(status: number): void {
    const place = classOfStatus(status)
    this.ended[place] = (this.ended[place] ?? 0) + 1
  }

  #register(exchange: Exchange): number {
    if (this.outstanding.size === 0) this.progressedAt = performance.now()
    const id = this.outstanding.add(exchange)
    this.requests += 1
    exchange.sentTo(this, id)
    return id
  }

  #send(frame: string): void {
    this.#batch += frame
    if (this.#flushScheduled) return
    this.#flushScheduled = true
    // After the poll phase: every client socket that was readable in this tick has added its requests by then.
    setImmediate(flushConnection, this)
  }

  /** Behind a frame that was sent just now. Bytes go to the kernel as they are: as text they would be copied three times. */
  #sendBytes(chunk: Buffer): void {
    this.#parts.push(this.#batch, chunk)
    this.#batch = ''
  }

  /** Writes what has collected. */
  flush(): void {
    this.#flushScheduled = false
    if (this.#closed) return
    const batch = this.#batch
    this.#batch = ''
    if (this.#parts.length > 0) this.#writeParts(batch)
    else this.#socket.write(batch, 'latin1')
  }

  #writeParts(last: string): void {
    const parts = this.#parts
    this.#parts = []
    this.#socket.cork()
    for (const part of parts) this.#socket.write(part, 'latin1')
    if (last !== '') this.#socket.write(last, 'latin1')
    this.#socket.uncork()
  }

  #received(length: number): boolean {
    try {
      this.#input.received(length, this)
    } catch (error) {
      // Whatever a worker sends ends at most its own connection: the router serves other tenants too.
      this.#close(error instanceof ProtocolViolation ? `protocol violation: ${error.message}` : describe(error))
    }
    return !this.#closed
  }

  /** One frame from the worker (FrameSink). */
  frame(kind: number, id: number, input: Buffer, payload: Payload): void {
    const { start, end } = payload
    if (end - start < (SHORTEST[kind] ?? Infinity)) throw new ProtocolViolation(`kind ${kind}, ${end - start} bytes`)
    const exchange = this.outstanding.get(id)
    if (kind === FromWorkerKind.hello) this.#greeted(input, start, end)
    else if (exchange === undefined)
      return // it crossed the end of its request
    else if (kind === FromWorkerKind.response) {
      const body = start + 8 + input.readUInt32LE(start + 4)
      if (body > end || end - body > LARGEST_WHOLE_RESPONSE)
        throw new ProtocolViolation('a response with impossible lengths')
      this.#ended(exchange, input.readUInt32LE(start))
      exchange.respond(input, { head: start + 8, body, end })
      this.#owner.connectionProgressed(this)
    } else {
      exchange.heardAt = performance.now()
      this.#rareFrame(kind, exchange, input, payload)
    }
  }

  #rareFrame(kind: number, exchange: Exchange, input: Buffer, payload: Payload): void {
    const { start, end } = payload
    switch (kind) {
      case FromWorkerKind.responseHead: {
        const body = start + 4 + input.readUInt32LE(start)
        if (body > end) throw new ProtocolViolation('a response head longer than its frame')
        return exchange.beginResponse(input, { head: start + 4, body, end })
      }
      case FromWorkerKind.data:
        return exchange.continueResponse(input, start, end)
      case FromWorkerKind.end:
        this.#ended(exchange, input.readUInt32LE(start))
        exchange.endResponse()
        return this.#owner.connectionProgressed(this)
      case FromWorkerKind.failed: {
        const reason = input.readUInt16LE(start + 4)
        // A request that ran too long is answered, but its thread is not free: its place ends with another frame.
        if (reason !== FailureReason.timedOut) this.#ended(exchange, input.readUInt32LE(start))
        exchange.failed(reason, input.toString('utf8', start + 6, end))
        return this.#owner.connectionProgressed(this)
      }
      case FromWorkerKind.credit:
        return exchange.bodyCredit(input.readUInt32LE(start))
      case FromWorkerKind.returned:
      case FromWorkerKind.returned | OUTDATED:
        // What was not asked for, by RECALL or ABORT, comes from a worker that drains: it would return all others too.
        if (kind !== FromWorkerKind.returned || !(exchange.recalled || exchange.done)) this.takesNoMore = true
        this.outstanding.delete(exchange.id)
        return this.#owner.requestReturned(this, exchange)
    }
  }

  #greeted(input: Buffer, start: number, end: number): void {
    if (end - start !== HELLO_LENGTH || this.threads !== 0) throw new ProtocolViolation('an unexpected HELLO')
    const version = input.readUInt16LE(start)
    if (version !== PROTOCOL_VERSION) throw new ProtocolViolation(`the worker speaks version ${version}`)
    // Also the worker of another time would answer on this slot's socket.
    const pid = input.readUInt32LE(start + 4)
    if (pid !== this.address.pid) throw new ProtocolViolation(`process ${pid} answers for ${this.address.pid}`)
    this.threads = Math.max(1, input.readUInt16LE(start + 2))
    this.#place = { offset: input.readUInt32LE(start + 8), serial: input.readUInt32LE(start + 12) }
    clearTimeout(this.#helloTimer)
    this.#owner.connectionReady(this)
  }

  #ended(exchange: Exchange, microseconds: number): void {
    this.outstanding.delete(exchange.id)
    exchange.applicationMicroseconds = microseconds
    this.progressedAt = performance.now()
    const difference = microseconds - this.serviceTime
    this.serviceTime += difference * (difference > 0 ? RISE : FALL)
  }

  /** The worker has ended it, dead or alive: it begins nothing more of what it has. */
  #lost(reason: string): void {
    if (this.#closed) return
    const { scoreboardPath } = this.address
    const isAsked = this.outstanding.values().some(({ isIdempotent }) => !isIdempotent)
    const { lastBegun, fault } = isAsked ? readScoreboard(scoreboardPath, this.#place) : UNREAD
    this.#close(fault === '' ? reason : `${reason}; what it had begun is not known: ${fault}`, lastBegun)
  }

  /** @param lastBegun number of the last request that the worker has begun; without it any may be, or is yet to be */
  #close(reason: string, lastBegun?: number): void {
    if (this.#closed) return
    this.#closed = true
    clearTimeout(this.#helloTimer)
    this.#socket.destroy()
    const lost = this.outstanding.values()
    this.outstanding.clear()
    for (const exchange of lost) exchange.started ||= lastBegun === undefined || isBegun(exchange.id, lastBegun)
    this.#owner.connectionLost(this, lost, reason)
  }
}

function describe(error: unknown): string {
  return `the router failed on a frame: ${error instanceof Error ? (error.stack ?? error.message) : String(error)}`
}

function flushConnection(connection: WorkerConnection): void {
  connection.flush()
}
