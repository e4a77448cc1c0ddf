// A worker that does exactly what a test tells it, on a real Unix socket: for what real workers do too rarely or too fast.
import { mkdtempSync, rmSync, writeFileSync } from 'node:fs'
import { createServer, type Server, type Socket } from 'node:net'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { frameHeader, FromWorkerKind, parseFrames, ToWorkerKind } from '../../src/protocol/frames.ts'
import type { WorkerAddress } from '../../src/protocol/supervision.ts'

/** Its place on the scoreboard. */
const OFFSET = 8
const SERIAL = 7

/** A frame that the router sent; `kind` without flags. */
export type ReceivedFrame = { kind: number; flags: number; id: number; payload: Buffer }

export class ScriptedWorker implements AsyncDisposable {
  readonly address: WorkerAddress
  readonly #directory = mkdtempSync(join(tmpdir(), 'wsgid-scripted-'))
  readonly #server: Server
  readonly #frames: ReceivedFrame[] = []
  readonly #waiting: { wanted: number[]; resolve: (frame: ReceivedFrame) => void }[] = []
  #socket: Socket | undefined
  #rest = Buffer.alloc(0)

  constructor(worker: number, threads: number) {
    const [socketPath, scoreboardPath] = [join(this.#directory, `${worker}.sock`), join(this.#directory, 'scoreboard')]
    this.address = { group: 'g', worker, pid: 1000 + worker, socketPath, scoreboardPath }
    this.hasBegun(0)
    this.#server = createServer((socket) => {
      this.#socket = socket
      socket.on('data', (data) => this.#take(data, threads)).on('error', () => socket.destroy())
    })
  }

  listen(): Promise<void> {
    return new Promise((resolve) => this.#server.listen(this.address.socketPath, resolve))
  }

  /** The next frame of one of these kinds that was not asked for yet. */
  next(...wanted: number[]): Promise<ReceivedFrame> {
    const index = this.#frames.findIndex((frame) => wanted.includes(frame.kind))
    const [found] = index < 0 ? [] : this.#frames.splice(index, 1)
    return found ? Promise.resolve(found) : new Promise((resolve) => this.#waiting.push({ wanted, resolve }))
  }

  /** The next request of any kind. */
  nextRequest(): Promise<ReceivedFrame> {
    return this.next(ToWorkerKind.request, ToWorkerKind.requestBody, ToWorkerKind.requestStream)
  }

  /** Frames received and not asked for yet. */
  get unread(): readonly ReceivedFrame[] {
    return this.#frames
  }

  respond(id: number, body: string, head = '200\0OK'): void {
    this.send(FromWorkerKind.response, id, `${u32(10)}${u32(head.length)}${head}${body}`)
  }

  /** Puts on its scoreboard that it has begun with a request, and those before it. @param serial another one: the place was given to somebody else */
  hasBegun(id: number, serial = SERIAL): void {
    writeFileSync(this.address.scoreboardPath ?? '', u32(0).repeat(OFFSET / 4) + u32(serial) + u32(id), 'latin1')
  }

  /** The beginning of a response. */
  begin(id: number, body = ''): void {
    this.send(FromWorkerKind.responseHead, id, `${u32(6)}200\0OK${body}`)
  }

  /** Any frame, sense or nonsense; `payload` is latin-1 text. */
  send(kind: number, id: number, payload = ''): void {
    this.#socket?.write(frameHeader(kind, id, payload.length) + payload, 'latin1')
  }

  /** The process is gone: the kernel closes its sockets after what it had sent. */
  die(): void {
    this.#socket?.end()
  }

  /** The process is gone, and the kernel closes its sockets at once. */
  kill(): void {
    this.#socket?.destroy()
  }

  async [Symbol.asyncDispose](): Promise<void> {
    this.#socket?.destroy()
    await new Promise((resolve) => this.#server.close(resolve))
    rmSync(this.#directory, { recursive: true })
  }

  #take(data: Buffer, threads: number): void {
    const input = Buffer.concat([this.#rest, data])
    const range = { start: 0, filled: input.length, largest: 1_000_000 }
    const rest = parseFrames(input, range, {
      frame: (kind, id, bytes, { start, end }) => {
        if ((kind & 0x1f) === ToWorkerKind.hello) {
          const numbers = u32(this.address.pid) + u32(OFFSET) + u32(SERIAL)
          this.send(FromWorkerKind.hello, 0, `\x04\0${String.fromCharCode(threads)}\0${numbers}`)
        } else
          this.#received({
            kind: kind & 0x1f,
            flags: kind & 0xe0,
            id,
            payload: Buffer.from(bytes.subarray(start, end)),
          })
      },
    })
    this.#rest = input.subarray(rest)
  }

  #received(frame: ReceivedFrame): void {
    const index = this.#waiting.findIndex(({ wanted }) => wanted.includes(frame.kind))
    if (index < 0) this.#frames.push(frame)
    else this.#waiting.splice(index, 1)[0]?.resolve(frame)
  }
}

/** A little-endian u32 as latin-1 text. */
export function u32(value: number): string {
  return String.fromCharCode(value & 255, (value >>> 8) & 255, (value >>> 16) & 255, value >>> 24)
}
