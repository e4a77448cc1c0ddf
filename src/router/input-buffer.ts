// What a worker has sent and was not parsed yet. The socket reads straight into it: no allocation per read, and frames are parsed in place.
import { HEADER_LENGTH, parseFrames, type FrameSink } from '../protocol/frames.ts'

const FIRST_SIZE = 65_536
/** A RESPONSE of LARGEST_WHOLE_RESPONSE with its head must fit; what is larger breaks the protocol. */
const LARGEST_SIZE = 1_048_576

export class InputBuffer {
  #bytes = Buffer.allocUnsafeSlow(FIRST_SIZE)
  #start = 0
  #filled = 0

  /** Where the next read goes. */
  room(): Buffer {
    if (this.#start === this.#filled) this.#start = this.#filled = 0
    if (this.#filled === this.#bytes.length) this.#makeRoom()
    return this.#bytes.subarray(this.#filled)
  }

  /**
   * `length` bytes were read into room(): hands on the frames that are complete.
   * @throws ProtocolViolation for a frame that could never fit, or whatever the sink throws
   */
  received(length: number, sink: FrameSink): void {
    this.#filled += length
    const range = { start: this.#start, filled: this.#filled, largest: LARGEST_SIZE / 2 - HEADER_LENGTH }
    this.#start = parseFrames(this.#bytes, range, sink)
  }

  #makeRoom(): void {
    if (this.#start > this.#bytes.length / 2) {
      this.#bytes.copyWithin(0, this.#start, this.#filled)
    } else {
      const larger = Buffer.allocUnsafeSlow(Math.min(this.#bytes.length * 2, LARGEST_SIZE))
      this.#bytes.copy(larger, 0, this.#start, this.#filled)
      this.#bytes = larger
    }
    this.#filled -= this.#start
    this.#start = 0
  }
}
