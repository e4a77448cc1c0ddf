// The requests that a worker has and has not ended, by their numbers on its connection. Not a Map: one that is filled and emptied all the time is made
// anew inside each few entries, and V8 has each dead table keep the next one alive until the old generation is collected, with all requests in it.

type Numbered = { readonly id: number }

/** Must be a power of two. */
const FIRST_PLACES = 64

/** Whoever adds a request gives it the id that it gets. */
export class Outstanding<Request extends Numbered> {
  size = 0
  /** Each has the place of its id, by the last bits of it. */
  #places: (Request | undefined)[] = Array<undefined>(FIRST_PLACES).fill(undefined)
  #nextId: number

  constructor(firstId = 1) {
    this.#nextId = firstId
  }

  /** Larger than the id of any that was added last, until ids begin anew. */
  get nextId(): number {
    return this.#nextId
  }

  /** @returns its id, a u32 above 0 that no other has */
  add(request: Request): number {
    if (this.size * 2 > this.#places.length) this.#grow()
    let id = this.#nextId
    // Others are still where some request was left behind long ago.
    while (id === 0 || this.#places[this.#placeOf(id)] !== undefined) id = (id + 1) >>> 0
    this.#nextId = (id + 1) >>> 0
    this.#places[this.#placeOf(id)] = request
    this.size += 1
    return id
  }

  get(id: number): Request | undefined {
    const request = this.#places[this.#placeOf(id)]
    return request?.id === id ? request : undefined
  }

  delete(id: number): void {
    if (this.get(id) === undefined) return
    this.#places[this.#placeOf(id)] = undefined
    this.size -= 1
  }

  /** All, in the order in which they were added. */
  values(): Request[] {
    const age = ({ id }: Request): number => (this.#nextId - id) >>> 0
    return this.#places.filter((request) => request !== undefined).sort((a, b) => age(b) - age(a))
  }

  clear(): void {
    this.#places.fill(undefined)
    this.size = 0
  }

  #placeOf(id: number): number {
    return id & (this.#places.length - 1)
  }

  #grow(): void {
    const all = this.values()
    this.#places = Array<undefined>(this.#places.length * 2).fill(undefined)
    for (const request of all) this.#places[this.#placeOf(request.id)] = request
  }
}
