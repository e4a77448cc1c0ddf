// HTTP/2: what clients may take their time for on a connection of many streams, and what is not theirs for ever.
import { once } from 'node:events'
import { constants } from 'node:http2'
import { connect } from 'node:net'
import { expect } from '@jest/globals'
import { aGroup } from '../support/a-group.ts'
import { handshake, openHttp2, statusOf } from '../support/secure-http.ts'
import { makeSecureSite, secureListener } from '../support/secure-site.ts'
import { startWsgid } from '../support/start-wsgid.ts'
import { nothingRuns } from '../support/status-document.ts'
import { forTheFile, test } from '../support/test.ts'

const theServer = forTheFile(async () => {
  const secure = await makeSecureSite()
  const listen = [secureListener(secure.certify('a', ['a.example.org']))]
  const applications = [{ mount: '/app', script: '../apps/torture.py' }]
  const group = aGroup({ applications, 'response-socket-timeout': '500ms' })
  const config = { listen, 'body-timeout': '500ms', 'keep-alive-timeout': '500ms' }
  const server = await startWsgid({ site: secure.site, groups: [group], config })
  return { server, ca: secure.authority('a') }
})

/** A POST whose body is announced and does not come. */
const silent = (path: string, headers: object = {}) => ({ ':path': path, ':method': 'POST', ...headers })

test('body-timeout ends a request whose client was asked for its body (100 Continue) and sends nothing', async () => {
  const { server, ca } = await theServer()
  const session = await openHttp2(server.url(), ca)
  const stream = session.request(silent('/app/count', { expect: '100-continue' }), { endStream: false })
  await once(stream, 'continue')
  expect(await statusOf(stream)).toBe(408)
  await server.statusWhen('no worker is held', nothingRuns)
  session.destroy()
})

test('a connection ends whatever its client leaves open: the body of a request that is answered, or its own side', async () => {
  const { server, ca } = await theServer()
  await openForEver(server.url())
  const cases = [
    ['/nowhere', [404], {}],
    // Streamed to the application, which does not read it; on a slow machine the time is over before it has answered.
    ['/app/report', [200, 408], { 'content-length': 100_000 }],
    ['/app/count', [408], {}],
  ] as const
  await Promise.all(
    cases.map(async ([path, statuses, headers]) => {
      const session = await openHttp2(server.url(), ca)
      const stream = session.request(silent(path, headers), { endStream: false }).resume()
      const [answered] = await Promise.all([statusOf(stream), once(session, 'close')])
      expect(statuses).toContain(answered)
      expect([path, stream.rstCode]).toEqual([path, constants.NGHTTP2_NO_ERROR])
    }),
  )
  await server.statusWhen('all have ended', ({ routers }) => routers.every(({ connections }) => connections === 0))
})

/** A client that says that it speaks HTTP/2, and then neither asks for anything nor ends what the server has ended. */
async function openForEver(url: string): Promise<void> {
  const { hostname, port } = new URL(url)
  const socket = connect({ host: hostname, port: Number(port), allowHalfOpen: true })
  const secure = await handshake(url, { socket, ALPNProtocols: ['h2'], allowHalfOpen: true })
  const settings = Buffer.from('000000040000000000', 'hex')
  secure.write(Buffer.concat([Buffer.from('PRI * HTTP/2.0\r\n\r\nSM\r\n\r\n'), settings]))
  secure.resume()
}

test('response-socket-timeout cuts a small response, and an error page, that its client gives no window for', async () => {
  const { server, ca } = await theServer()
  const session = await openHttp2(server.url(), ca, { initialWindowSize: 0 })
  const codes = ['/app/report', '/app/raise-in-call', '/app/stream?bytes=16384'].map(async (path) => {
    const stream = session.request({ ':path': path })
    stream.on('error', () => undefined)
    await new Promise((resolve) => stream.on('close', resolve))
    return stream.rstCode
  })
  expect(await Promise.all(codes)).toEqual([2, 2, 2].map(() => constants.NGHTTP2_INTERNAL_ERROR))
  if (!session.closed) await once(session, 'close')
})
