// The applications of a group's configuration as its workers and routes get them. Pure.
import type { ApplicationConfiguration, GroupConfiguration } from '../config/group-configuration.ts'
import { expander, hasReferences } from './references.ts'
import { applicationGroupOf } from './application-groups.ts'
import { isChosenByUrl } from './directed-applications.ts'
import type { ApplicationPlan, Entry } from './plan.ts'

/** @param group with the applications that are directed to it, and without those that it directs elsewhere */
export function planApplications({
  applications,
}: Pick<GroupConfiguration, 'applications'>): readonly ApplicationPlan[] {
  // A group that has something of its own to do is not to fail, nor to be larger, for what a URL may ask of it one day.
  const hasOwn = applications.some((application) => !isChosenByUrl(application))
  return applications.flatMap(oneForEachHost).map((application) => planApplication(application, hasOwn))
}

/** `%{HOST}` makes an application of each host. */
function oneForEachHost(application: ApplicationConfiguration): readonly ApplicationConfiguration[] {
  const { applicationGroup, hosts, aliases } = application
  if (!('variable' in applicationGroup) || applicationGroup.variable !== 'HOST') return [application]
  return hosts.map((host, index) => ({ ...application, hosts: [host], aliases: index === 0 ? aliases : [] }))
}

function planEntry({ entry }: ApplicationConfiguration): Entry {
  return entry.kind === 'script' && hasReferences(entry.path) ? { ...entry, kind: 'captured-script' } : entry
}

function planApplication(application: ApplicationConfiguration, hasOwn: boolean): ApplicationPlan {
  const { processGroup, environ, mount, match, hosts, aliases, order, requireFile, auth } = application
  const entry = planEntry(application)
  const isChosen = isChosenByUrl(application)
  const isCaptured = ([, text]: [string, string]): boolean => hasReferences(text)
  const variables = Object.entries(environ)
  return {
    ...{ mount, match, hosts, aliases, order, requireFile, entry, auth, static: application.static },
    processGroup: isChosen ? processGroup : null,
    applicationGroup: applicationGroupOf(application.applicationGroup, application),
    lazy: entry.kind === 'captured-script' || (isChosen && hasOwn),
    environ: Object.fromEntries(
      variables.filter((each) => !isCaptured(each)).map(([name, text]) => [name, expander(text)({})]),
    ),
    capturedEnviron: Object.fromEntries(variables.filter(isCaptured)),
  }
}
