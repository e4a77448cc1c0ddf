// Alias of directories below the mount of an application → its `static`. A directory of which Apache closes all or a part, and wsgid could not, is
// not served: what the routers serve they serve to everybody who passes the application's own login.
import { lineOf, type Alias, type Collected, type Overlay, type ScriptAlias } from './collected.ts'
import { admit } from './demands.ts'
import type { Remark } from './draft.ts'
import type { KindOf } from './expand.ts'
import { areLeftOut, leavesOut } from './host-rules.ts'
import { isClosedBy, type Part } from './login.ts'
import { withoutSlash } from './paths.ts'
import { isAboutDotNames, mayReachInto, sectionsOf, type Subject } from './sections.ts'

export type StaticPart = Part & Readonly<{ alias: Alias; directory: string }>

/** `refused` lie below the mount, too; `remarks` say why. */
export type StaticDirectories = Readonly<{
  served: readonly StaticPart[]
  refused: readonly Alias[]
  remarks: readonly Remark[]
}>

/** @param mount without its last slash */
export function staticDirectories(
  { scope }: ScriptAlias,
  mount: string,
  { aliases, overlays }: Collected,
  kindOf: KindOf,
): StaticDirectories {
  const found = aliases
    .filter((alias) => !alias.isRoot && (alias.scope === scope || alias.scope.virtual === null))
    .flatMap((alias) => {
      const url = withoutSlash(alias.url)
      const directory = alias.target.replace(/(.)\/+$/, '$1')
      if (!url.startsWith(`${mount}/`) || kindOf(directory) === 'file') return []
      const subject = { scope: alias.scope, url, isPattern: false, file: `${directory}/file` }
      const holdings = sectionsOf(subject, overlays).filter(({ below }) => below === '')
      const part = { alias, path: url.slice(mount.length), directory, holdings, line: alias.directive }
      return [{ part, why: whyRefused(part, subject, overlays) }]
    })
  return {
    served: found.flatMap(({ part, why }) => (why === undefined ? [part] : [])),
    refused: found.flatMap(({ part, why }) => (why === undefined ? [] : [part.alias])),
    remarks: found.flatMap(({ part, why }) => (why === undefined ? [] : [{ ...lineOf(part.line), why }])),
  }
}

function whyRefused({ holdings }: Part, subject: Subject, overlays: readonly Overlay[]): string | undefined {
  if (isClosedBy(holdings)) return 'Require all denied holds for it: it is not served'
  if (areLeftOut(holdings)) return 'Order, Allow and Deny do not let everybody have it: it is not served'
  const parts = sectionsOf(subject, overlays).filter(({ below }) => below !== '')
  const guard =
    parts.find(
      ({ overlay: { settings } }) => admit(settings.demands).admission.kind === 'closed' || leavesOut(settings),
    )?.overlay ??
    overlays.find(
      (overlay) =>
        (asks(overlay) || leavesOut(overlay.settings)) &&
        !isAboutDotNames(overlay) &&
        ![...holdings, ...parts].some((each) => each.overlay === overlay) &&
        mayReachInto(overlay, subject),
    )
  if (guard === undefined) return undefined
  const { file, line } = guard.place
  return `it is not served: ${guard.text} (${file}:${line}) guards a part of it, and a static directory is open as a whole`
}

/** Whether a section lets not everybody pass. */
export const asks = ({ settings: { demands } }: Overlay): boolean => demands.some(({ kind }) => kind !== 'granted')
