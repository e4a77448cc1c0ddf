// Members that come and go all the time, in no order. Not a Set, for what outstanding.ts says of a Map.

export class Crowd<Member extends { place: number }> {
  readonly #members: Member[] = []

  get size(): number {
    return this.#members.length
  }

  /** Its `place` is the crowd's from now on. */
  add(member: Member): void {
    member.place = this.#members.length
    this.#members.push(member)
  }

  /** Of a member; its place is the last one's then, so that none may be taken out while all are walked. */
  delete(member: Member): void {
    const last = this.#members.pop()
    if (last === undefined || last === member) return
    last.place = member.place
    this.#members[member.place] = last
  }

  [Symbol.iterator](): Iterator<Member> {
    return this.#members.values()
  }
}
