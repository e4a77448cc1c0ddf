// A request body on its way to a worker in parts: credit decides how fast the client is read. Keeps what was sent until the worker
// is known to have begun, so that the request can still go to another worker.
import { INITIAL_BODY_CREDIT } from '../protocol/frames.ts'
import type { ClientRequest } from './client-message.ts'
import { countRead } from './read-bytes.ts'
import { forbiddenTrailer } from './trailers.ts'

/** Where the parts of a body go. */
export type BodyChannel = {
  sendBody(id: number, chunk: Buffer): void
  sendBodyEnd(id: number): void
}

type UploadOptions = {
  first: Buffer[]
  limit: number
  refuse: (status: number, why: string) => void
  invite: (() => void) | undefined
}

export class Upload {
  readonly #request: ClientRequest
  readonly #limit: number
  readonly #refuse: (status: number, why: string) => void
  /** Lets the client send; once. */
  #invite: (() => void) | undefined
  #connection: BodyChannel | undefined
  #id = 0
  #credit = 0
  /** Read from the client, not yet sent. */
  #held: Buffer[]
  /** Sent, and kept for another worker; undefined once the worker has begun. */
  #kept: Buffer[] | undefined = []
  #received = 0
  #complete = false
  #endSent = false

  /**
   * @param options.first    what was read already
   * @param options.limit    largest body in bytes, 0 = unlimited
   * @param options.refuse   called when the body outgrows the limit, or ends in what must not be there
   * @param options.invite   called when the application begins to read, if the client waits for that (Expect: 100-continue)
   */
  constructor(request: ClientRequest, options: UploadOptions) {
    this.#request = request
    this.#held = options.first
    this.#limit = options.limit
    this.#refuse = options.refuse
    this.#invite = options.invite
    for (const chunk of options.first) this.#received += chunk.length
    request.pause()
    request.on('data', (chunk: Buffer) => this.#take(chunk))
    request.on('end', () => {
      const forbidden = forbiddenTrailer(request.rawTrailers)
      if (forbidden !== undefined) {
        this.#refuse(400, forbidden)
        return
      }
      this.#complete = true
      this.#pump()
    })
  }

  /** Whether the whole of what was sent could be sent again. */
  get replayable(): boolean {
    return this.#kept !== undefined
  }

  /** The worker would take more, but the client has not sent it. */
  get waitsForClient(): boolean {
    return !this.#complete && this.#held.length === 0
  }

  /** A worker has got the request: its body follows. */
  attach(connection: BodyChannel, id: number): void {
    this.#connection = connection
    this.#id = id
    this.#credit = INITIAL_BODY_CREDIT
    this.#pump()
  }

  /** The worker gave the request back or died: what was sent waits for the next one. Only when replayable. */
  detach(): void {
    this.#connection = undefined
    this.#held = [...(this.#kept ?? []), ...this.#held]
    this.#kept = []
    this.#endSent = false
    this.#request.pause()
  }

  /** The worker has begun with this request. */
  begun(): void {
    this.#kept = undefined
  }

  /** The client waits for an invitation: the worker is to say so when the application begins to read. */
  get awaitsInvitation(): boolean {
    return this.#invite !== undefined
  }

  /** The worker has read: it takes that many more bytes. */
  addCredit(amount: number): void {
    this.begun()
    this.#invite?.()
    this.#invite = undefined
    this.#credit += amount
    this.#pump()
  }

  /** The request is over, answered or not: what the client still sends is read and dropped. */
  abandon(): void {
    this.#connection = undefined
    this.#held = []
    this.#kept = undefined
    this.#complete = false
    this.#request.resume()
  }

  #take(chunk: Buffer): void {
    this.#received += chunk.length
    countRead(chunk.length)
    if (this.#limit > 0 && this.#received > this.#limit) {
      this.#refuse(413, tooLarge(this.#limit))
      return
    }
    if (this.#connection === undefined && this.#kept === undefined) return
    this.#held.push(chunk)
    this.#pump()
  }

  #pump(): void {
    const connection = this.#connection
    if (connection === undefined || this.#endSent) return
    while (this.#held.length > 0 && this.#credit > 0) {
      const chunk = this.#nextPart(this.#held[0] ?? Buffer.alloc(0))
      this.#credit -= chunk.length
      this.#kept?.push(chunk)
      connection.sendBody(this.#id, chunk)
    }
    if (this.#held.length > 0) this.#request.pause()
    else if (!this.#complete) this.#request.resume()
    else {
      this.#endSent = true
      connection.sendBodyEnd(this.#id)
    }
  }

  #nextPart(chunk: Buffer): Buffer {
    if (chunk.length <= this.#credit) {
      this.#held.shift()
      return chunk
    }
    this.#held[0] = chunk.subarray(this.#credit)
    return chunk.subarray(0, this.#credit)
  }
}

/** Why a body is refused, for the log. @param limit of limit-request-body, bytes */
export function tooLarge(limit: number): string {
  return `the body is larger than limit-request-body (${limit} bytes)`
}
