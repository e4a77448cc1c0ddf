// Scripts that are reached by Alias or DocumentRoot, since SetHandler or AddHandler makes wsgi-script of them.
import type { Alias, Collected, ScriptAlias } from './collected.ts'
import type { KindOf } from './expand.ts'
import { withoutSlash } from './paths.ts'
import { sectionsOf } from './sections.ts'

/** The aliases that are one, as WSGIScriptAlias would say it. */
export function handledScripts(
  { aliases, overlays, scopes: [main] }: Collected,
  kindOf: KindOf,
): readonly (ScriptAlias & { source: Alias })[] {
  return aliases.flatMap((source) => {
    const { scope, url, target, directive } = source
    const isFile = kindOf(target) === 'file'
    const file = isFile ? target : `${withoutSlash(target)}/script`
    const settings = [
      ...(main === undefined ? [] : [main.settings, scope.settings]),
      // What only some names are sections of is not asked: a directory of scripts has many.
      ...sectionsOf({ scope, url, isPattern: false, file }, overlays).map(({ overlay }) => overlay.settings),
    ]
    const extensions = settings.flatMap((each) => each.extensions)
    const isHandled = settings.some((each) => each.isHandled)
    if (isFile && !isHandled && !extensions.some((each) => target.endsWith(each))) return []
    if (!isHandled && extensions.length === 0) return []
    const common = { source, scope, url, isPattern: false, options: new Map<string, string>(), directive }
    if (isFile) return [{ ...common, script: target, extension: '' }]
    const directory = `${withoutSlash(target)}/`
    return (isHandled ? [''] : extensions).map((extension) => ({ ...common, script: directory, extension }))
  })
}
