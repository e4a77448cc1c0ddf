// What Apache decides before it reads a directive: Define and ${VAR}, Include, <IfModule>, <IfDefine>, <IfVersion>, <IfFile>.
// The files come from the caller.
import { parseApache, type Directive, type Fault, type Node, type Section } from './syntax.ts'

/** A file that an Include names. */
export type IncludedFile = Readonly<{ name: string; text: string }>

export type World = Readonly<{
  /** The files that match a pattern relative to ServerRoot, sorted; none when nothing does. */
  include: (pattern: string, serverRoot: string | null) => readonly IncludedFile[]
  exists: (path: string) => boolean
  /** Variables of the environment that Apache is started in. */
  variables: ReadonlyMap<string, string>
}>

export type Expanded = Readonly<{ nodes: readonly Node[]; faults: readonly Fault[] }>

/** As deep as Apache goes. */
const DEEPEST_INCLUDE = 128
/** The version that <IfVersion> is told. */
const version = [2, 4, 60] as const
/** Modules whose directives are understood, or that every Apache has: <IfModule> of them holds. */
const present =
  /^(?:mod_)?(?:wsgi|alias|rewrite|env|setenvif|ssl|dir|unixd|log_config|auth[nz]?_[a-z]+|access_compat|core|so|version)(?:_module|\.c)?$/

/** @param file how places name it */
export function expandApache(file: string, text: string, world: World): Expanded {
  return new Expansion(world).file(file, text, 0)
}

class Expansion {
  readonly #world: World
  readonly #defined: Map<string, string>
  readonly #loaded = new Set<string>()
  readonly #faults: Fault[] = []
  #serverRoot: string | null = null

  constructor(world: World) {
    this.#world = world
    this.#defined = new Map(world.variables)
  }

  file(name: string, text: string, depth: number): Expanded {
    const { nodes, faults } = parseApache(name, text)
    this.#faults.push(...faults)
    return { nodes: this.#nodes(nodes, depth), faults: this.#faults }
  }

  #nodes(nodes: readonly Node[], depth: number): readonly Node[] {
    return nodes.flatMap((node) =>
      node.kind === 'section' ? this.#section(node, depth) : this.#directive(node, depth),
    )
  }

  #section(section: Section, depth: number): readonly Node[] {
    const holds = this.#condition(section)
    if (holds === undefined) {
      const children = this.#nodes(section.children, depth)
      return [{ ...section, args: section.args.map((each) => this.#substitute(each)), children }]
    }
    return holds ? this.#nodes(section.children, depth) : []
  }

  /** undefined: it is no condition that is decided here. */
  #condition({ name, args: [first = '', ...more] }: Section): boolean | undefined {
    const negated = first.startsWith('!')
    const asked = this.#substitute(negated ? first.slice(1) : first)
    switch (name) {
      case 'ifmodule':
        return negated !== (present.test(asked) || this.#loaded.has(asked))
      case 'ifdefine':
        return negated !== this.#defined.has(asked)
      case 'iffile':
        return negated !== this.#world.exists(asked)
      case 'ifversion':
        return isVersion(more.length === 0 ? '=' : first, more[0] ?? first)
      default:
        return undefined
    }
  }

  #directive(directive: Directive, depth: number): readonly Node[] {
    const args = directive.args.map((each) => this.#substitute(each))
    const [first = '', second = ''] = args
    switch (directive.name) {
      case 'define':
        this.#defined.set(first, second)
        return []
      case 'undefine':
        this.#defined.delete(first)
        return []
      case 'serverroot':
        this.#serverRoot = first
        return []
      case 'loadmodule':
        this.#loaded.add(first)
        this.#loaded.add(second.replace(/^.*\/(mod_[^/]+)\.so$/, '$1.c'))
        return []
      case 'include':
      case 'includeoptional':
        return this.#include(directive, first, depth)
      default:
        return [{ ...directive, args, text: this.#substitute(directive.text) }]
    }
  }

  #include({ name, place }: Directive, pattern: string, depth: number): readonly Node[] {
    if (depth >= DEEPEST_INCLUDE) {
      this.#faults.push({ place, what: `Include goes deeper than ${DEEPEST_INCLUDE} files` })
      return []
    }
    const files = this.#world.include(pattern, this.#serverRoot)
    if (files.length === 0 && name === 'include' && !/[*?[]/.test(pattern))
      this.#faults.push({ place, what: `Include ${pattern}: there is no such file` })
    return files.flatMap((file) => this.file(file.name, file.text, depth + 1).nodes)
  }

  /** A variable that nobody has defined stays as it is, as in Apache. */
  #substitute(text: string): string {
    return text.replaceAll(
      /\$\{([A-Za-z_][A-Za-z0-9_.:-]*)\}/g,
      (written, name: string) => this.#defined.get(name) ?? written,
    )
  }
}

function isVersion(operator: string, written: string): boolean {
  const wanted = written.split('.').map(Number)
  const difference = wanted.map((part, index) => (version[index] ?? 0) - part).find((part) => part !== 0) ?? 0
  switch (operator.replace(/^!/, '')) {
    case '>':
      return difference > 0
    case '>=':
      return difference >= 0
    case '<':
      return difference < 0
    case '<=':
      return difference <= 0
    default:
      return operator.startsWith('!') !== (difference === 0)
  }
}
