// The one worker of a group that is under a debugger: which requests it gets, and that it gives them back. A request may stay there for as long
// as a person thinks, so none of the group's timeouts looks at it.
import type { DebugSelection, WorkerAddress } from '../protocol/supervision.ts'
import type { Exchange } from './exchange.ts'
import { WorkerConnection, type ConnectionOwner } from './worker-connection.ts'

/** So many may wait behind the one that is looked at; the others of a header go to other workers. */
const MOST_WAITING = 100

/** Ten times a tenth is a little less than one. */
const ONE = 1 - 1e-9

/** What its group does with what it cannot keep. */
export type DebugOwner = Readonly<{
  responseBufferSize: number
  returned: (exchange: Exchange) => void
  lost: (connection: WorkerConnection, lost: readonly Exchange[], reason: string) => void
  idle: () => void
}>

export class DebugWorker implements ConnectionOwner {
  readonly responseBufferSize: number
  readonly #connection: WorkerConnection
  readonly #selection: DebugSelection
  readonly #owner: DebugOwner
  #isReady = false
  #isGone = false
  /** Of the share: what is due and was not given yet. */
  #due = 0

  constructor(
    address: WorkerAddress,
    selection: DebugSelection,
    { router, ...owner }: DebugOwner & Readonly<{ router: number }>,
  ) {
    this.#selection = selection
    this.#owner = owner
    this.responseBufferSize = owner.responseBufferSize
    this.#connection = new WorkerConnection(address, router, this)
  }

  get number(): number {
    return this.#connection.address.worker
  }

  /** Sends the request to the debugger if it is for it. @returns whether it was */
  takes(exchange: Exchange): boolean {
    if (!this.#isReady || !this.#isChosen(exchange)) return false
    exchange.send(this.#connection)
    return true
  }

  /** No new requests; those that have not started come back, `idle` is told when none is left. */
  withdraw(): void {
    this.#isReady = false
    this.#connection.withdraw()
    this.#endIfIdle()
  }

  close(reason: string): void {
    this.#connection.close(reason)
  }

  connectionReady(connection: WorkerConnection): void {
    this.#isReady = !connection.withdrawn
  }

  connectionProgressed(): void {
    this.#endIfIdle()
  }

  requestReturned(_connection: WorkerConnection, exchange: Exchange): void {
    this.#owner.returned(exchange)
    this.#endIfIdle()
  }

  connectionLost(connection: WorkerConnection, lost: readonly Exchange[], reason: string): void {
    this.#isReady = false
    this.#owner.lost(connection, lost, reason)
    if (connection.withdrawn) this.#tellIdle()
  }

  #isChosen({ request }: Exchange): boolean {
    const { size } = this.#connection.outstanding
    if ('header' in this.#selection) return size < MOST_WAITING && hasHeader(request.rawHeaders, this.#selection.header)
    // Nobody waits for a person by chance: as long as one request is looked at, the others' share goes to the others.
    this.#due = Math.min(this.#due + this.#selection.share, 1 + this.#selection.share)
    if (this.#due < ONE || size > 0) return false
    this.#due -= 1
    return true
  }

  #endIfIdle(): void {
    if (!this.#connection.withdrawn || this.#connection.outstanding.size > 0) return
    this.#connection.close('withdrawn')
    this.#tellIdle()
  }

  #tellIdle(): void {
    if (this.#isGone) return
    this.#isGone = true
    this.#owner.idle()
  }
}

type Header = Readonly<{ name: string; value: string | null }>

/** @param raw names and values in turn; names are compared without case, a null value stands for any */
function hasHeader(raw: readonly string[], { name, value }: Header): boolean {
  for (let at = 0; at + 1 < raw.length; at += 2) {
    if (raw[at]?.toLowerCase() === name && (value === null || raw[at + 1] === value)) return true
  }
  return false
}
