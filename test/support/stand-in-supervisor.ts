// A supervisor of which only the control socket is there, for commands that look at one again and again.
import { createServer } from 'node:http'
import { aGroup } from './a-group.ts'
import { aGroupStatus, aStatusDocument } from './a-status.ts'
import { siteWithoutServer } from './start-wsgid.ts'
import { atEnd } from './test.ts'

export type StandIn = Readonly<{
  configFile: string
  /** From now on it answers nobody. */
  hang: () => void
  gone: () => void
}>

/** It answers with the status of one group "shop" until it is told to hang or to go. */
export async function aSupervisor(): Promise<StandIn> {
  const { configFile, socket } = await siteWithoutServer(aGroup())
  let hangs = false
  const server = createServer((_request, response) => {
    if (!hangs) response.end(JSON.stringify(aStatusDocument([aGroupStatus({ name: 'shop' })])))
  })
  const gone = (): void => {
    server.close()
    server.closeAllConnections()
  }
  atEnd(() => {
    gone()
    return Promise.resolve()
  })
  await new Promise<void>((resolve) => server.listen(socket, resolve))
  return { configFile, hang: () => void (hangs = true), gone }
}
