// Which group serves which application: its own, and those that others direct to it by process-group. Pure.
import type { Configuration } from '../config/configuration.ts'
import type { ApplicationConfiguration, GroupConfiguration } from '../config/group-configuration.ts'
import { hasReferences } from './references.ts'

/** Whether the URL chooses the group. */
export const isChosenByUrl = ({ processGroup }: Pick<ApplicationConfiguration, 'processGroup'>): boolean =>
  processGroup !== null && hasReferences(processGroup)

/** The configuration with each application in the groups whose workers serve it. */
export function directApplications(configuration: Configuration): Configuration {
  const { groups } = configuration
  const directed = groups
    .flatMap(({ applications }) => applications)
    .filter(({ processGroup }) => processGroup !== null)
  if (directed.length === 0) return configuration
  const directions = directed.map((application) => ({ application, takes: takerOf(application) }))
  return {
    ...configuration,
    groups: groups.map((group) => ({ ...group, applications: servedBy(group, directions) })),
  }
}

type Direction = Readonly<{ application: ApplicationConfiguration; takes: (group: string) => boolean }>

function servedBy(group: GroupConfiguration, directions: readonly Direction[]): readonly ApplicationConfiguration[] {
  const own = group.applications.filter(({ processGroup }) => processGroup === null)
  return [...own, ...directions.flatMap(({ application, takes }) => (takes(group.name) ? [application] : []))]
}

function takerOf({ processGroup, restrictProcess }: ApplicationConfiguration): Direction['takes'] {
  if (processGroup === null || !hasReferences(processGroup)) return (group) => group === processGroup
  const patterns = restrictProcess.map(patternOf)
  return (group) => patterns.some((pattern) => pattern.test(group))
}

function patternOf(written: string): RegExp {
  const source = written.replaceAll(/[.*?]/g, (character) => ({ '*': '.*', '?': '.' })[character] ?? `\\${character}`)
  return new RegExp(`^${source}$`)
}
