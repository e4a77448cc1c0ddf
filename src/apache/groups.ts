// WSGIDaemonProcess → group files, with those for applications that ran in Apache's own processes or whose group the URL chooses.
import { groupName, serverLogName } from '../config/group-schema.ts'
import { lineOf, type Collected, type Line } from './collected.ts'
import { groupOptions } from './daemon-options.ts'
import type { DraftGroup, Options } from './draft.ts'
import { soundGroup, soundRemarks } from './sound-options.ts'

export class Groups {
  readonly #found: Collected
  /** By mod_wsgi's names. */
  readonly #groups = new Map<string, DraftGroup>()
  #byUrl: DraftGroup | undefined

  constructor(found: Collected) {
    this.#found = found
    for (const { name, options, directive } of found.daemons) {
      const { options: read, lost } = groupOptions(options)
      const group = this.#add(name, read, directive)
      for (const [option, why] of lost)
        group.remarks.push({ ...lineOf(directive), text: optionText(name, option), why })
    }
  }

  get all(): readonly DraftGroup[] {
    return [...this.#groups.values(), ...(this.#byUrl === undefined ? [] : [this.#byUrl])]
  }

  /** @param processGroup see Placed @param line of the application */
  for(processGroup: string | null, line: Line): DraftGroup {
    if (processGroup === null) return (this.#byUrl ??= this.#empty('by-url'))
    const known = this.#groups.get(processGroup)
    if (known !== undefined) return known
    const isEmbedded = processGroup === '%{GLOBAL}'
    const group = this.#add(
      isEmbedded ? 'embedded' : processGroup,
      isEmbedded ? this.#found.embedded : {},
      line,
      processGroup,
    )
    const why = isEmbedded
      ? 'it ran in the processes of Apache itself; here it has a group of its own'
      : `there is no WSGIDaemonProcess ${processGroup}: the group has the defaults`
    group.remarks.push({ ...lineOf(line), why })
    return group
  }

  /** What the name of a process group became; undefined: there is no such group. */
  nameOf(processGroup: string): string | undefined {
    return this.#groups.get(processGroup)?.name
  }

  /** WSGIImportScript. @returns those whose group runs nothing */
  preload(): readonly Line[] {
    return this.#found.imports.flatMap(({ path, options, directive }) => {
      const group = this.#groups.get(options.get('process-group') ?? '%{GLOBAL}')
      if (group === undefined) return [directive]
      group.preloadScripts.push(path)
      const interpreter = options.get('application-group') ?? '%{GLOBAL}'
      if (interpreter !== '%{GLOBAL}')
        group.remarks.push({
          ...lineOf(directive),
          why: `it runs in all processes of the group, not only for ${interpreter}`,
        })
      return []
    })
  }

  #add(name: string, given: Options, line: Line, key = name): DraftGroup {
    const { user, group, everywhere } = this.#found
    const identity: Options = {
      ...(user !== null && { user }),
      // mod_wsgi takes Apache's Group also for a user of its own.
      ...(group !== null && (user !== null || 'user' in given) && { group }),
    }
    const sound = soundGroup({ ...identity, ...everywhere, ...given })
    const made = { ...this.#empty(name), options: sound.options }
    if (made.name !== name)
      made.remarks.push({
        ...lineOf(line),
        why: `the group is called ${made.name}: no group can have the name ${name}`,
      })
    made.remarks.push(...soundRemarks(sound, line, (option) => optionText(name, option)))
    this.#groups.set(key, made)
    return made
  }

  #empty(name: string): DraftGroup {
    return { name: this.#free(safeName(name)), options: {}, preloadScripts: [], applications: [], remarks: [] }
  }

  /** Whether its log would be called as one of the server's. */
  #isLog(name: string): boolean {
    return name === serverLogName || (name === 'access' && 'access-log' in this.#found.server)
  }

  #free(wanted: string, attempt = 0): string {
    const name = attempt === 0 ? wanted : `${wanted.slice(0, 60)}-${attempt}`
    const isTaken = this.all.some((each) => each.name === name) || this.#isLog(name)
    return isTaken ? this.#free(wanted, attempt + 1) : name
  }
}

const optionText = (name: string, option: string): string => `WSGIDaemonProcess ${name} ${option}=…`

/** As the name of a group must be. */
function safeName(name: string): string {
  const safe = name
    .replaceAll(/[^A-Za-z0-9._-]/g, '-')
    .replace(/^[^A-Za-z0-9]+/, '')
    .slice(0, 64)
  return groupName.test(safe) ? safe : 'group'
}
