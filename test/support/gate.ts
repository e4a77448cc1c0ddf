// Requests that wait in the application until the test lets them go on: the torture application's /block.
import { readdirSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { eventually } from './eventually.ts'
import type { Site } from './site.ts'
import { atEnd } from './test.ts'

export type Gate = Readonly<{
  /** Path and query of a request that says that it began and is answered when the gate is open. */
  path: string
  /** How many such requests have begun. */
  begun: () => number
  /** Waits until so many have begun. */
  untilBegun: (wanted: number) => Promise<true>
  open: () => Promise<void>
}>

let gates = 0

/**
 * A gate in a site, which may be the whole file's: each has places of its own, also when a second attempt makes one of the same name, and
 * it is open at the end of the test, so that no request of a first attempt keeps a thread of the server.
 */
export async function makeGate(site: Site, name: string): Promise<Gate> {
  gates += 1
  const directory = await site.directoryOf('www-data', `${name}-begun-${gates}`)
  const gate = site.path(`${name}-gate-${gates}`)
  const begun = () => readdirSync(directory).length
  const open = async () => {
    await mkdir(gate, { recursive: true })
  }
  atEnd(open)
  return {
    path: `/block?directory=${directory}&gate=${gate}`,
    begun,
    untilBegun: (wanted) => eventually(`${wanted} requests have begun`, () => (begun() >= wanted ? true : undefined)),
    open,
  }
}
