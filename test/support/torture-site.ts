// A server with the torture application, as it is and watched by wsgiref.validate.
import { aGroup } from './a-group.ts'
import { makeSite, type Site } from './site.ts'
import { startWsgid, type RunningWsgid } from './start-wsgid.ts'

export type Served = Readonly<{ server: RunningWsgid; site: Site }>

/** At / as it is, at /validated behind the validator; the group is called torture. */
export async function serveTorture(): Promise<Served> {
  const site = await makeSite()
  const applications = [
    { mount: '/', script: '../apps/torture.py', environ: { 'torture.which': 'root', 'trac.env_path': '/srv/ä' } },
    { mount: '/validated', script: '../apps/validated.py' },
  ]
  const env = { VALIDATED_SCRIPT: site.path('apps', 'torture.py') }
  return { site, server: await startWsgid({ site, groups: [aGroup({ applications, env, threads: 5 })] }) }
}
