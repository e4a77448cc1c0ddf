// Requests that wait in the application until the test lets them go on: the torture application's /block.
import { readdirSync } from 'node:fs'
import { mkdir } from 'node:fs/promises'
import { eventually } from './eventually.ts'
import type { Site } from './site.ts'

export type Gate = Readonly<{
  /** Path and query of a request that says that it began and is answered when the gate is open. */
  path: string
  /** How many such requests have begun. */
  begun: () => number
  /** Waits until so many have begun. */
  untilBegun: (wanted: number) => Promise<true>
  open: () => Promise<void>
}>

/** @param name unique in the site */
export async function makeGate(site: Site, name: string): Promise<Gate> {
  const directory = await site.directoryOf('www-data', `${name}-begun`)
  const gate = site.path(`${name}-gate`)
  const begun = () => readdirSync(directory).length
  return {
    path: `/block?directory=${directory}&gate=${gate}`,
    begun,
    untilBegun: (wanted) => eventually(`${wanted} requests have begun`, () => (begun() >= wanted ? true : undefined)),
    open: async () => {
      await mkdir(gate)
    },
  }
}
