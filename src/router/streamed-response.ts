// A response whose body comes from its worker in parts: no more of it is passed on than its head declares, and no faster than its client
// takes it. Only such responses have one.
import { passOn } from './chunk-pool.ts'
import type { ClientResponse } from './client-message.ts'
import type { ResponseFlow } from './response-flow.ts'

/** `length`: of the body, -1 when it was not declared; `isDropped`: there is none to send (HEAD, 204, 304). */
type Declared = Readonly<{ length: number; isDropped: boolean }>

export class StreamedResponse {
  readonly flow: ResponseFlow
  /** Of the body, as far as handed to the client's connection. */
  bytes = 0
  readonly #response: ClientResponse
  readonly #isDropped: boolean
  /** Body bytes that are still to come; Infinity when nobody has said how many. */
  #left: number
  #hasSurplus = false

  constructor(response: ClientResponse, { length, isDropped }: Declared, flow: ResponseFlow) {
    this.#response = response
    this.#isDropped = isDropped
    this.#left = isDropped || length < 0 ? Infinity : length
    this.flow = flow
  }

  /** Body bytes that were declared and have not come. */
  get missing(): number {
    return this.#left === Infinity ? 0 : this.#left
  }

  /** What has come so far is the response's; gives the worker credit for more. */
  written(): void {
    this.flow.written(this.#left)
  }

  /**
   * Passes on the next part of the body.
   *
   * @returns how many bytes were cut because they are more than was declared; told once
   */
  write(part: Buffer): number {
    const length = Math.min(part.length, this.#left)
    this.#left -= length
    if (length > 0 && !this.#isDropped) {
      this.bytes += length
      passOn(this.#response, part.subarray(0, length))
    }
    this.written()
    if (length === part.length || this.#hasSurplus) return 0
    this.#hasSurplus = true
    return part.length - length
  }
}
