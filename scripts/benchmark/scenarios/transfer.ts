// One large body at a time, down or up.
import { truncate, writeFile } from 'node:fs/promises'
import { join } from 'node:path'
import { transferSeconds } from '../load/curl.ts'
import { rolesOf } from '../roles.ts'
import type { Column, Context, Lane, Sample, Scenario } from '../scenario.ts'
import type { Workspace } from '../workspace.ts'
import { watchGrowth } from './growth.ts'

const MIB = 1_048_576

type Transfer = Readonly<{ title: string; mebibytes: number; direction: 'download' | 'upload' }>

const speed: Column = { key: 'speed', title: 'MiB/s', digits: 0 }
const growth: Column = { key: 'growth', title: 'web server grows, MiB', digits: 1 }

/** A scenario of one transfer by one client. */
export const transfer = (wanted: Transfer): Scenario => ({
  title: wanted.title,
  site: 'plain',
  columns: [speed, growth],
  better: 'higher',
  atMost: 5,
  lasts: () => wanted.mebibytes / 500,
  begin: async (lane, context) => {
    if (wanted.direction === 'upload') await makeUpload(context.workspace, wanted.mebibytes)
    await send(lane, context, { ...wanted, mebibytes: wanted.direction === 'upload' ? wanted.mebibytes : 2 })
  },
  measure: (lane, context) => measure(lane, context, wanted),
})

async function measure(lane: Lane, context: Context, wanted: Transfer): Promise<Sample> {
  const { web } = await rolesOf(lane.row, await lane.server())
  const grown = await watchGrowth(web)
  const seconds = await send(lane, context, wanted)
  return { figures: { speed: wanted.mebibytes / seconds, growth: await grown() }, requests: 1, failed: 0 }
}

async function send({ server }: Lane, { workspace, signal }: Context, wanted: Transfer): Promise<number> {
  const { url } = await server()
  const bytes = wanted.mebibytes * MIB
  if (wanted.direction === 'download')
    return transferSeconds({ url: new URL(`/large?${wanted.mebibytes}`, url).href, bytes, signal })
  return transferSeconds({ url: new URL('/count', url).href, bytes, upload: uploadIn(workspace), signal })
}

const uploadIn = ({ directory }: Workspace): string => join(directory, 'upload')

/** A file of holes: reading it costs the client as little as can be. */
async function makeUpload(workspace: Workspace, mebibytes: number): Promise<void> {
  await writeFile(uploadIn(workspace), '')
  await truncate(uploadIn(workspace), mebibytes * MIB)
}
