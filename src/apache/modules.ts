// What <IfModule> and <IfVersion> ask: which modules Apache has loaded, and which version it is.
import { compile } from './patterns.ts'

/** In every Apache, whatever is loaded. */
const builtIn = ['core', 'so', 'http', 'log_config', 'logio', 'unixd', 'version', 'watchdog']
/** Taken to be there when a file loads no module by itself: it is a part of a configuration. */
const usual = /^(?:mod_)?(?:wsgi|alias|rewrite|env|setenvif|ssl|dir|auth[nz]?_[a-z]+|access_compat)(?:_module|\.c)?$/

export class Modules {
  readonly #names = new Set<string>()
  #loadsSome = false

  constructor() {
    for (const name of builtIn) this.#add(`${name}_module`)
  }

  /** LoadModule. */
  load(identifier: string): void {
    this.#loadsSome = true
    this.#add(identifier)
  }

  /** @param name `wsgi_module` or `mod_wsgi.c` */
  has(name: string): boolean {
    return this.#names.has(name) || (!this.#loadsSome && usual.test(name))
  }

  #add(identifier: string): void {
    const name = identifier.replace(/_module$/, '')
    // The source files of the MPMs have no "mod_".
    for (const each of [identifier, `mod_${name}.c`, `${name.replace(/^mpm_/, '')}.c`]) this.#names.add(each)
  }
}

/** The version that <IfVersion> is told. */
const version = [2, 4, 71] as const

/** `<IfVersion operator wanted>`; a leading "!" negates. undefined: it asks by an expression that only PCRE understands. */
export function isVersion(operator: string, wanted: string): boolean | undefined {
  const negated = operator.startsWith('!')
  const answer = holds(negated ? operator.slice(1) : operator, wanted)
  return answer === undefined ? undefined : negated !== answer
}

function holds(operator: string, wanted: string): boolean | undefined {
  const [, regular] = /^\/(.*)\/$/.exec(wanted) ?? (operator === '~' ? ['', wanted] : [])
  if (regular !== undefined) return compile(regular)?.test(version.join('.'))
  const parts = wanted.split('.').map(Number)
  const difference = version.map((part, index) => part - (parts[index] ?? 0)).find((part) => part !== 0) ?? 0
  switch (operator) {
    case '>':
      return difference > 0
    case '>=':
      return difference >= 0
    case '<':
      return difference < 0
    case '<=':
      return difference <= 0
    default:
      return difference === 0
  }
}
