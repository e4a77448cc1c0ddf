// A server with the torture application, as it is and watched by wsgiref.validate.
import { aGroup } from './a-group.ts'
import { getJson } from './http.ts'
import { makeSite, type Site } from './site.ts'
import { startWsgid, type RunningWsgid } from './start-wsgid.ts'
import { forTheFile } from './test.ts'

export type Served = Readonly<{ server: RunningWsgid; site: Site }>

/** At / as it is, at /validated behind the validator; the group is called torture. */
async function serveTorture(): Promise<Served> {
  const site = await makeSite()
  const applications = [
    { mount: '/', script: '../apps/torture.py', environ: { 'torture.which': 'root', 'trac.env_path': '/srv/ä' } },
    { mount: '/validated', script: '../apps/validated.py' },
  ]
  const env = { VALIDATED_SCRIPT: site.path('apps', 'torture.py') }
  return { site, server: await startWsgid({ site, groups: [aGroup({ applications, env, threads: 5 })] }) }
}

/** The same for all tests of a file: the server, the URL of a path, and what JSON it answers. */
export function tortureForTheFile() {
  const served = forTheFile(serveTorture)
  const url = async (path: string) => (await served()).server.url(path)
  return { served, url, jsonOf: async (path: string, options = {}) => getJson(await url(path), options) }
}
