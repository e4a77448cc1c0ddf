// What a worker has sent and was not parsed yet. The socket reads straight into it: no allocation per read, and frames are parsed in place. Large parts of
// them may stay where they are while they are passed on (chunk-pool.ts).
import { HEADER_LENGTH, parseFrames, type FrameSink } from '../protocol/frames.ts'
import { CHUNK, leaveChunk, takeChunk } from './chunk-pool.ts'

/** Enough for most workers, which never send a large response. */
const FIRST_SIZE = 65_536
/** A RESPONSE of LARGEST_WHOLE_RESPONSE with its head must fit; what is larger breaks the protocol. */
const LARGEST_FRAME = 524_288
/** With less room than this the next read would hardly be worth its system call. With LARGEST_FRAME no more than CHUNK. */
const LEAST_ROOM = 8_192

export class InputBuffer {
  #chunk = takeChunk(FIRST_SIZE)
  #start = 0
  #filled = 0

  /** Where the next read goes. */
  room(): Buffer {
    if (this.#start === this.#filled && this.#chunk.users === 1) this.#start = this.#filled = 0
    if (this.#chunk.bytes.length - this.#filled < LEAST_ROOM) this.#makeRoom()
    return this.#chunk.bytes.subarray(this.#filled)
  }

  /**
   * `length` bytes were read into room(): hands on the frames that are complete.
   * @throws ProtocolViolation for a frame that could never fit, or whatever the sink throws
   */
  received(length: number, sink: FrameSink): void {
    this.#filled += length
    const range = { start: this.#start, filled: this.#filled, largest: LARGEST_FRAME - HEADER_LENGTH }
    this.#start = parseFrames(this.#chunk.bytes, range, sink)
  }

  /** Nothing is read any more, and no frame of it is being parsed. */
  close(): void {
    leaveChunk(this.#chunk)
  }

  /** Moves what is left to where its frame has room. */
  #makeRoom(): void {
    const old = this.#chunk
    const isRoomy = old.users === 1 && this.#start > old.bytes.length / 2
    if (!isRoomy) this.#chunk = takeChunk(CHUNK)
    old.bytes.copy(this.#chunk.bytes, 0, this.#start, this.#filled)
    if (!isRoomy) leaveChunk(old)
    this.#filled -= this.#start
    this.#start = 0
  }
}
