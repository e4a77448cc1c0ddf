// The worker protocol's frames, router's side: text and numbers to bytes and back (docs/protocol.md). Knows no socket.
//
// Frames to a worker are made as latin-1 strings: all that one tick of the event loop collects is joined by `+` and leaves in one
// write, which Node sends from a stack buffer without allocating. Bodies of any size travel as Buffers behind their header.

/** Version spoken; a worker that speaks another one is refused. */
export const PROTOCOL_VERSION = 4
/** Bytes of a request's body that a router may send before the first CREDIT. */
export const INITIAL_BODY_CREDIT = 262_144
/** Bytes of a response's body that a worker may send before the first CREDIT, at most; HELLO tells it how many. */
export const LARGEST_FIRST_CREDIT = 1_310_720
/** Largest body inside of RESPONSE. */
export const LARGEST_WHOLE_RESPONSE = 262_144
/** Largest body inside of REQUEST_BODY; larger ones are streamed. */
export const LARGEST_WHOLE_BODY = 65_536
export const HEADER_LENGTH = 8

export const ToWorkerKind = {
  hello: 1,
  request: 2,
  requestBody: 3,
  requestStream: 4,
  data: 5,
  end: 6,
  abort: 7,
  credit: 8,
  recall: 9,
} as const

/** Flag of the request kinds: it must not run twice; the worker puts it on the scoreboard before it calls the application. */
export const ONCE = 0x20
/** Flag of REQUEST_STREAM: the client waits to be asked for the body; the worker sends CREDIT when the application begins to read. */
export const EXPECTS = 0x40

export const FromWorkerKind = {
  hello: 16,
  response: 17,
  responseHead: 18,
  data: 19,
  end: 20,
  failed: 21,
  credit: 22,
  returned: 23,
} as const

/** Reasons of FAILED. */
export const FailureReason = {
  raisedBeforeOutput: 1,
  brokeOff: 2,
  brokeWsgiRules: 3,
  bodyBrokeOff: 4,
  timedOut: 5,
  forbidden: 6,
} as const

/** Flag of RETURNED: the worker has an old script and is not to be asked again. */
export const OUTDATED = 0x20

/** A frame's header as latin-1 text: `length` of the payload in bytes, `kind` with its flags, `id` of the request. */
export function frameHeader(kind: number, id: number, length: number): string {
  return String.fromCharCode(
    length & 255,
    (length >>> 8) & 255,
    (length >>> 16) & 255,
    kind,
    id & 255,
    (id >>> 8) & 255,
    (id >>> 16) & 255,
    id >>> 24,
  )
}

/** A little-endian u32 as latin-1 text. */
function u32(value: number): string {
  return String.fromCharCode(value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24)
}

/** `firstCredit`: bytes of each response's body that the worker may send before the first CREDIT. */
export function helloFrame(router: number, firstCredit: number): string {
  const version = String.fromCharCode(PROTOCOL_VERSION & 255, PROTOCOL_VERSION >>> 8, 0, 0)
  return frameHeader(ToWorkerKind.hello, 0, 12) + version + u32(router) + u32(firstCredit)
}

/** The body of a REQUEST_BODY: a small one as latin-1 text, which leaves in one string with the frames around it; "" for none. */
export type WholeBody = string | readonly Buffer[]

/** REQUEST or, with a `body` (latin-1 text of at most LARGEST_WHOLE_BODY bytes), REQUEST_BODY. */
export function requestFrame(id: number, head: string, body: string, flags: number): string {
  return body === ''
    ? frameHeader(ToWorkerKind.request | flags, id, head.length) + head
    : requestBodyFrame(id, head, body.length, flags) + body
}

/** REQUEST_BODY without its body, of `length` bytes, which must follow. */
export function requestBodyFrame(id: number, head: string, length: number, flags: number): string {
  return frameHeader(ToWorkerKind.requestBody | flags, id, 4 + head.length + length) + u32(head.length) + head
}

/** REQUEST_STREAM: DATA frames and END follow. */
export function requestStreamFrame(id: number, head: string, flags: number): string {
  return frameHeader(ToWorkerKind.requestStream | flags, id, head.length) + head
}

export function creditFrame(id: number, amount: number): string {
  return frameHeader(ToWorkerKind.credit, id, 4) + u32(amount)
}

/** END, ABORT or RECALL: frames without a payload. */
export function bareFrame(kind: number, id: number): string {
  return frameHeader(kind, id, 0)
}

/** Where a frame's payload lies in the input. */
export type Payload = { start: number; end: number }

/** What a parser hands on; offsets are into `input`, which is reused after the call returns. */
export type FrameSink = {
  frame(kind: number, id: number, input: Buffer, payload: Payload): void
}

/** The peer sent what the protocol does not allow; the message says what. */
export class ProtocolViolation extends Error {
  override readonly name = 'ProtocolViolation'
}

/**
 * Splits what has arrived into frames.
 *
 * @param input   bytes from `start` to `filled` are unread
 * @param largest longest payload accepted
 * @returns where the first incomplete frame begins (`filled` when none does)
 * @throws ProtocolViolation when a frame is larger than `largest`
 */
export function parseFrames(
  input: Buffer,
  range: { start: number; filled: number; largest: number },
  sink: FrameSink,
): number {
  let position = range.start
  while (range.filled - position >= HEADER_LENGTH) {
    const length = input.readUIntLE(position, 3)
    if (length > range.largest) throw new ProtocolViolation(`a frame of ${length} bytes (at most ${range.largest})`)
    const end = position + HEADER_LENGTH + length
    if (end > range.filled) break
    sink.frame(input[position + 3] ?? 0, input.readUInt32LE(position + 4), input, {
      start: position + HEADER_LENGTH,
      end,
    })
    position = end
  }
  return position
}
