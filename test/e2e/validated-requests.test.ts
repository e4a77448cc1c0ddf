// wsgiref.validate watches every request of the comparison with Apache + mod_wsgi, and those of its Django project. (Werkzeug calls
// read() without a size where the server says wsgi.input_terminated, which the validator forbids: Flask's are not watched.)
import { cp } from 'node:fs/promises'
import { fileURLToPath } from 'node:url'
import { expect } from '@jest/globals'
import { send } from '../../scripts/comparison/exchange.ts'
import { probes } from '../../scripts/comparison/requests.ts'
import { projectProbes } from '../../scripts/comparison/project-requests.ts'
import { aGroup } from '../support/a-group.ts'
import { makeSite } from '../support/site.ts'
import { startWsgid } from '../support/start-wsgid.ts'
import { installed, test } from '../support/test.ts'
import { complaint } from '../support/validator-complaint.ts'

const sources = fileURLToPath(new URL('../../scripts/comparison/apps', import.meta.url))
const watch = 'import runpy\nfrom wsgiref.validate import validator\n'

/** Starts a group that serves the script of scripts/comparison, watched by the validator, at each mount. */
async function startWatched(script: string, mounts: readonly string[]) {
  const site = await makeSite()
  await cp(sources, site.path('compared'), { recursive: true })
  const path = JSON.stringify(site.path('compared', script))
  const watched = await site.write(
    'compared/watched.py',
    `${watch}application = validator(runpy.run_path(${path}, run_name="watched")["application"])\n`,
  )
  return startWsgid({ site, groups: [aGroup({ applications: mounts.map((mount) => ({ mount, script: watched })) })] })
}

test('wsgiref.validate has nothing against any request of the comparison', async () => {
  await using server = await startWatched('environ.wsgi', ['/', '/mounted', '/mounted/deeper'])
  const statuses = new Set<number>()
  for (const { title, bytes } of probes) {
    const { status } = await send(server.url(), bytes)
    expect([title, status]).toEqual([title, status < 500 ? status : 'below 500'])
    statuses.add(status)
  }
  expect([...statuses].toSorted()).toEqual([200, 400, 404])
  expect(await server.log('torture')).not.toMatch(complaint)
})

test(
  'wsgiref.validate has nothing against any request of the Django project',
  async () => {
    await using server = await startWatched('django.wsgi', ['/django'])
    // Django itself gives a 204 a Content-Type, which the validator forbids.
    const asked = projectProbes.filter(({ title }) => title.startsWith('/django') && !title.endsWith('no content'))
    for (const { bytes } of asked) await send(server.url(), bytes)
    expect(await server.log('torture')).not.toMatch(complaint)
  },
  { needs: [installed('/usr/lib/python3/dist-packages/django/__init__.py')] },
)
