// What Apache decides before it reads a directive: Define and ${VAR}, Include, <IfModule>, <IfDefine>, <IfVersion>, <IfFile>.
// The files come from the caller.
import { isVersion, Modules } from './modules.ts'
import { parseApache, type Directive, type Fault, type Node, type Section } from './syntax.ts'

/** A file that an Include names. */
export type IncludedFile = Readonly<{ name: string; text: string }>

/** What a path is, links followed. */
export type KindOf = (path: string) => 'file' | 'directory' | 'absent'

export type World = Readonly<{
  /** ServerRoot where the configuration names none. */
  serverRoot: string
  /** The files that match a pattern relative to ServerRoot, sorted; none when nothing does. */
  include: (pattern: string, serverRoot: string) => readonly IncludedFile[]
  kindOf: KindOf
  /** Variables of the environment that Apache is started in. */
  variables: ReadonlyMap<string, string>
}>

export type Expanded = Readonly<{ nodes: readonly Node[]; faults: readonly Fault[]; serverRoot: string }>

/** As deep as Apache goes. */
const DEEPEST_INCLUDE = 128

/** @param file how places name it */
export function expandApache(file: string, text: string, world: World): Expanded {
  return new Expansion(world).all(file, text)
}

class Expansion {
  readonly #world: World
  /** By Define; null: without a value. */
  readonly #defined = new Map<string, string | null>()
  readonly #modules = new Modules()
  readonly #faults: Fault[] = []
  #serverRoot: string
  #isTooDeep = false

  constructor(world: World) {
    this.#world = world
    this.#serverRoot = world.serverRoot
  }

  all(name: string, text: string): Expanded {
    const nodes = this.#file({ name, text }, 0)
    return { nodes, faults: this.#faults, serverRoot: this.#serverRoot }
  }

  #file({ name, text }: IncludedFile, depth: number): readonly Node[] {
    const { nodes, faults } = parseApache(name, text)
    this.#faults.push(...faults)
    return this.#nodes(nodes, depth)
  }

  #nodes(nodes: readonly Node[], depth: number): readonly Node[] {
    return nodes.flatMap((node) =>
      node.kind === 'section' ? this.#section(node, depth) : this.#directive(node, depth),
    )
  }

  #section(section: Section, depth: number): readonly Node[] {
    const holds = this.#condition(section)
    if (holds === undefined) return [{ ...this.#substituted(section), children: this.#nodes(section.children, depth) }]
    return holds ? this.#nodes(section.children, depth) : []
  }

  /** undefined: it is no condition that is decided here. */
  #condition({ name, args: [first = '', second] }: Section): boolean | undefined {
    const negated = first.startsWith('!')
    const asked = this.#substitute(negated ? first.slice(1) : first)
    switch (name) {
      case 'ifmodule':
        return negated !== this.#modules.has(asked)
      case 'ifdefine':
        return negated !== this.#defined.has(asked)
      case 'iffile':
        return negated !== (this.#world.kindOf(absolutePath(asked, this.#serverRoot)) !== 'absent')
      case 'ifversion':
        return isVersion(second === undefined ? '=' : first, second ?? first)
      default:
        return undefined
    }
  }

  #directive(written: Directive, depth: number): readonly Node[] {
    const directive = this.#substituted(written)
    const [first = '', second] = directive.args
    switch (directive.name) {
      case 'define':
        this.#defined.set(first, second ?? null)
        return []
      case 'undefine':
        this.#defined.delete(first)
        return []
      case 'serverroot':
        this.#serverRoot = first.replace(/(.)\/+$/, '$1')
        return []
      case 'loadmodule':
        this.#modules.load(first)
        return []
      case 'include':
      case 'includeoptional':
        return this.#include(directive, first, depth)
      default:
        return [directive]
    }
  }

  #include({ name, place }: Directive, pattern: string, depth: number): readonly Node[] {
    // Apache stops at the first. To go on would be endless: each level may include many.
    if (this.#isTooDeep) return []
    if (depth >= DEEPEST_INCLUDE) {
      this.#isTooDeep = true
      this.#faults.push({ place, what: `Include goes deeper than ${DEEPEST_INCLUDE} files` })
      return []
    }
    const files = this.#world.include(pattern, this.#serverRoot)
    const path = absolutePath(pattern, this.#serverRoot)
    if (files.length === 0 && name === 'include' && !/[*?[]/.test(pattern) && this.#world.kindOf(path) === 'absent')
      this.#faults.push({ place, what: `Include ${pattern}: there is no file ${path}` })
    return files.flatMap((file) => this.#file(file, depth + 1))
  }

  #substituted<Each extends Node>(node: Each): Each {
    const [text, rest] = [this.#substitute(node.text), this.#substitute(node.rest)]
    return { ...node, text, rest, args: node.args.map((each) => this.#substitute(each)) }
  }

  /** A variable that nobody has defined stays as it is, as in Apache. */
  #substitute(text: string): string {
    return text.replaceAll(
      /\$\{([^}:]+)\}/g,
      (written, name: string) => this.#defined.get(name) ?? this.#world.variables.get(name) ?? written,
    )
  }
}

/** A path of the configuration as Apache understands it. */
export const absolutePath = (path: string, serverRoot: string): string =>
  path.startsWith('/') ? path : `${serverRoot.replace(/\/$/, '')}/${path}`
