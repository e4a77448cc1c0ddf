// Bytes in, bytes out: what each of the requests in raw-http-cases/ is answered with, and whether the connection goes on. One server for all, whose
// application wsgiref.validate watches.
import { expect } from '@jest/globals'
import { aGroup } from '../support/a-group.ts'
import { parseAnswers, type RawAnswer } from '../support/raw-answers.ts'
import { get, openConnection } from '../support/raw-http.ts'
import { makeSite } from '../support/site.ts'
import { startWsgid } from '../support/start-wsgid.ts'
import { forTheFile, test } from '../support/test.ts'
import { bodies } from '../support/raw-http-cases/bodies.ts'
import type { Case } from '../support/raw-http-cases/case.ts'
import { connections } from '../support/raw-http-cases/connections.ts'
import { heads } from '../support/raw-http-cases/heads.ts'
import { complaint } from '../support/validator-complaint.ts'

const theServer = forTheFile(async () => {
  const site = await makeSite()
  const witness = aGroup({
    name: 'witness',
    'limit-request-body': 100_000,
    applications: [{ mount: '/', script: '../apps/validated.py' }],
    env: { VALIDATED_SCRIPT: site.path('apps', 'witness.py') },
  })
  return startWsgid({ site, groups: [witness] })
})

const cases = { ...heads, ...bodies, ...connections }

const probe = get('/probe', 'Connection: close\r\n')
const theAnswerToTheProbe = '200 GET /probe []'

/** As a case writes it: the status, and the text of what is no error page. */
function written({ status, body }: RawAnswer): string {
  return body === '' || body.startsWith('<!DOCTYPE html>') ? String(status) : `${status} ${body}`
}

async function answersTo({ send, ends, head }: Case): Promise<readonly RawAnswer[]> {
  const server = await theServer()
  await using connection = await openConnection(server.url())
  connection.send(ends === 'open' ? send + probe : send)
  return parseAnswers(await connection.receive(), head)
}

for (const [topic, list] of Object.entries(cases)) {
  for (const each of list) {
    test(`${topic}: ${each.what} → ${each.answers.map((line) => JSON.stringify(line.slice(0, 30))).join(', ')}, ${each.ends}`, async () => {
      const answers = await answersTo(each)
      const expected = each.ends === 'open' ? [...each.answers, theAnswerToTheProbe] : each.answers
      expect(answers.map(written)).toEqual(expected)
      for (const { status, headers } of answers) if (status >= 200) expect(headers.get('date')).toMatch(/ GMT$/)
    })
  }
}

test('a client that has ended its side after the request still gets the answer', async () => {
  const server = await theServer()
  await using connection = await openConnection(server.url())
  connection.socket.end(get('/half'))
  expect(parseAnswers(await connection.receive()).map(written)).toEqual(['200 GET /half []'])
})

test('there are at least 150 cases', () => {
  expect(Object.values(cases).flat().length).toBeGreaterThanOrEqual(150)
  return Promise.resolve()
})

test('wsgiref.validate has nothing against any of them', async () => {
  const server = await theServer()
  expect(await server.log('witness')).not.toMatch(complaint)
})

test('what stood in bodies and behind broken requests was never run as a request', async () => {
  const server = await theServer()
  const response = await fetch(server.url('/seen'))
  expect(await response.text()).toMatch(/^[1-9]\d* calls, 0 smuggled$/)
})
