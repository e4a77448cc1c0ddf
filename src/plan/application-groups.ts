// Application groups: what their variables mean for an application, and the parts of a group that have one each. Pure.
import type { ApplicationGroup } from '../config/application-group.ts'
import { anyHost } from '../config/mount.ts'
import type { GroupPlan } from './plan.ts'

type Place = Readonly<{ hosts: readonly string[]; mount: string }>

/**
 * The value of an application-group for an application, as mod_wsgi names its interpreters; `%{HOST}` is asked for with one host at a time.
 *
 * @returns "" for `%{GLOBAL}`
 */
export function applicationGroupOf(group: ApplicationGroup, { hosts: [host = anyHost], mount }: Place): string {
  if ('name' in group) return group.name
  switch (group.variable) {
    case 'GLOBAL':
      return ''
    case 'SERVER':
    case 'HOST':
      return host
    case 'RESOURCE':
      return `${host}|${mount}`
  }
}

/** The names that the parts of a group have. */
export function partNames(group: string, applications: readonly { applicationGroup: string }[]): readonly string[] {
  return groupsAmong(applications).map((applicationGroup) => partName(group, applicationGroup))
}

const groupsAmong = (applications: readonly { applicationGroup: string }[]): readonly string[] => [
  ...new Set(applications.map(({ applicationGroup }) => applicationGroup)),
]

/** One plan for each application-group of a group: processes are never shared between them. None without applications. */
export function partsOf(group: Omit<GroupPlan, 'processGroup' | 'applicationGroup'>): readonly GroupPlan[] {
  return groupsAmong(group.applications).map((applicationGroup) => ({
    ...group,
    name: partName(group.name, applicationGroup),
    processGroup: group.name,
    applicationGroup,
    applications: group.applications.filter((application) => application.applicationGroup === applicationGroup),
  }))
}

// It is also the name of a directory; no name of a group has a tilde. Names, hosts and mounts are ASCII.
function partName(group: string, applicationGroup: string): string {
  if (applicationGroup === '') return group
  const code = (character: string): string => `_${character.charCodeAt(0).toString(16).padStart(2, '0')}`
  return `${group}~${applicationGroup.replaceAll(/[^A-Za-z0-9.-]/g, code)}`
}

/** The process group's name in the name of a part of it. */
export const processGroupOf = (part: string): string => part.split('~', 1)[0] ?? part

/** The application group in the name of a part; "" for `%{GLOBAL}`. Of what is no such name, something: it may be a router's that lies. */
export function applicationGroupIn(part: string): string {
  const start = part.indexOf('~')
  const character = (_: string, code: string): string => String.fromCharCode(parseInt(code, 16))
  return start < 0 ? '' : part.slice(start + 1).replaceAll(/_([0-9a-f]{2})/g, character)
}

/** What people are told of a part: "site-1", or "site-1 (application group wiki)". */
export function shownPart(part: string): string {
  const applicationGroup = applicationGroupIn(part)
  return applicationGroup === '' ? part : `${processGroupOf(part)} (application group ${applicationGroup})`
}

/** The names of the groups that these are parts of, as their operators know them; each once. */
export function processGroupsOf(parts: Iterable<GroupPlan>): readonly string[] {
  return [...new Set(Array.from(parts, ({ processGroup }) => processGroup))]
}
