// Walks through a configuration and has each directive read; what cannot be carried over becomes a note. What the rest becomes is
// translate.ts's business.
import {
  newScope,
  newSettings,
  nothingCollected,
  type Collected,
  type Line,
  type Overlay,
  type OverlayKind,
  type Scope,
  type Settings,
} from './collected.ts'
import { readContainer, readRequire } from './demands.ts'
import type { Expanded } from './expand.ts'
import { isHousekeeping } from './housekeeping.ts'
import { serverReaders, type Context } from './server-directives.ts'
import { settingsReaders } from './settings-directives.ts'
import { readRewriteRule } from './rewrites.ts'
import type { Directive, Node, Section } from './syntax.ts'

/** @param file how places name the main file */
export function collect(file: string, { nodes, faults, serverRoot }: Expanded): Collected {
  const main = newScope({ file, line: 1 }, null)
  const found = nothingCollected(main)
  found.faults.push(...faults)
  new Walk(found, serverRoot).nodes(nodes, { scope: main, overlay: null })
  return found
}

/** Where in the configuration the walk is. */
type Spot = Readonly<{ scope: Scope; overlay: Overlay | null }>

class Walk {
  readonly #found: Collected
  readonly #serverRoot: string
  /** RewriteCond directives that wait for their rule. */
  #conditions: Directive[] = []

  constructor(found: Collected, serverRoot: string) {
    this.#found = found
    this.#serverRoot = serverRoot
  }

  nodes(nodes: readonly Node[], spot: Spot): void {
    for (const node of nodes) {
      if (node.kind === 'section') this.#section(node, spot)
      else this.#directive(node, spot)
    }
  }

  #section(section: Section, spot: Spot): void {
    const { name, args, children, place, text } = section
    const { scope, overlay: holder } = spot
    if (name === 'virtualhost') {
      const ports = args.map((each) => /:(\d+|\*)$/.exec(each)?.[1] ?? '*')
      const virtual = newScope(place, { ports, text })
      this.#found.scopes.push(virtual)
      return this.nodes(children, { scope: virtual, overlay: null })
    }
    const demand = readContainer(section)
    if (demand !== undefined) {
      settingsAt(spot).demands.push(demand)
      return
    }
    const kind = kindOf(section)
    if (kind === undefined) return this.#leave(section, spot, 'this kind of section has no counterpart')
    const overlay: Overlay = { kind, path: args.at(-1) ?? '', scope, holder, settings: newSettings(), place, text }
    this.#found.overlays.push(overlay)
    this.nodes(children, { scope, overlay })
  }

  /** A section and all that is in it. */
  #leave(section: Section, spot: Spot, why: string): void {
    this.#note(section, spot, why)
    for (const child of section.children) {
      if (child.kind === 'section') this.#leave(child, spot, `it stands in ${section.text}`)
      else if (!isHousekeeping(child.name)) this.#note(child, spot, `it stands in ${section.text}`)
    }
  }

  #note({ place, text }: Line, { scope, overlay }: Spot, why: string): void {
    this.#found.notes.push({ place, text, scope, overlay, why })
  }

  #directive(directive: Directive, spot: Spot): void {
    const context: Context = {
      ...{ found: this.#found, scope: spot.scope, settings: settingsAt(spot), isSection: spot.overlay !== null },
      serverRoot: this.#serverRoot,
    }
    const why = this.#read(directive, spot, context)
    if (why !== undefined) this.#note(directive, spot, why)
  }

  /** @returns why it cannot be carried over */
  #read(directive: Directive, spot: Spot, context: Context): string | undefined {
    const { name } = directive
    if (name === 'rewritecond') return void this.#conditions.push(directive)
    if (name === 'rewriterule') return this.#rewrite(directive, spot, context)
    if (name === 'require') return void context.settings.demands.push(readRequire(directive))
    const read = serverReaders[name] ?? settingsReaders[name]
    if (read !== undefined) return read(directive, context)
    return isHousekeeping(name) ? undefined : 'there is no counterpart'
  }

  #rewrite(directive: Directive, spot: Spot, { scope, settings, isSection }: Context): string | undefined {
    const conditions = this.#conditions.splice(0)
    if (!settings.rewriteEngine && !isSection) {
      for (const each of conditions) this.#note(each, spot, 'RewriteEngine is not on')
      return 'RewriteEngine is not on: it did nothing'
    }
    const read = readRewriteRule(directive, conditions)
    if (read === undefined || (read.kind === 'https' && scope.virtual === null)) {
      for (const each of conditions) this.#note(each, spot, 'its RewriteRule is not carried over')
      return 'of rewriting only this is understood: "- [E=name:value]" by the captures of the URL, "- [F]" where a file is missing, and https instead of http'
    }
    if (read.kind === 'captures') settings.rewrites.push({ rewrite: read, directive })
    else scope.redirection = { scheme: 'https', host: null, port: null, isPermanent: read.isPermanent, directive }
    return undefined
  }
}

const settingsAt = ({ scope, overlay }: Spot): Settings => overlay?.settings ?? scope.settings

function kindOf({ name, args: [first] }: Section): OverlayKind | undefined {
  switch (name) {
    case 'directory':
    case 'location':
    case 'files':
      return first === '~' ? `${name}match` : name
    case 'directorymatch':
    case 'locationmatch':
    case 'filesmatch':
      return name
    default:
      return undefined
  }
}
