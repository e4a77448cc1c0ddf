// What was collected → the files of a wsgid configuration, with a remark for everything that is not carried over.
import { placeApplication, subjectOf, type Placed, type Unplaced } from './application.ts'
import { claim, type Claimed } from './claims.ts'
import { lineOf, type Alias, type Collected, type Line, type Note, type Overlay } from './collected.ts'
import type { Draft, DraftApplication, DraftGroup, Options, Remark } from './draft.ts'
import type { KindOf } from './expand.ts'
import { groupSettings } from './group-settings.ts'
import { Groups } from './groups.ts'
import { handledScripts } from './handled-scripts.ts'
import { defaultHostOf, hostOptions, hostRemarks } from './hosts.ts'
import { applicationGroup } from './interpreters.ts'
import { listenersOf } from './listeners.ts'
import { scriptDirectories } from './script-directories.ts'
import { isAboutDotNames, mayReachInto } from './sections.ts'
import { isApplication, soundApplication, soundRemarks, soundServer } from './sound-options.ts'
import { asks } from './static-directories.ts'

/** @param kindOf what a path is on this machine */
export function translate(collected: Collected, kindOf: KindOf): Draft {
  const handled = handledScripts(collected, kindOf)
  const found: Collected = {
    ...collected,
    scripts: [...collected.scripts, ...handled],
    aliases: collected.aliases.filter((alias) => !handled.some(({ source }) => source === alias)),
  }
  const tried = found.scripts.map((alias) => placeApplication(alias, found, kindOf))
  const placed = tried.filter((each) => 'application' in each)
  const unplaced = tried.filter((each) => 'why' in each)
  const listeners = listenersOf(found)
  const defaultHost = defaultHostOf(found)
  const claimed = claim(placed, (scope) => hostOptions(scope, found, defaultHost))
  const homes = new Homes(found, claimed)
  const remarks: Remark[] = [
    ...listeners.remarks,
    ...hostRemarks(found, listeners.toHttps),
    ...claimed.filter((each) => each.isLeftOut).flatMap((each) => each.remarks),
    ...unplaced.map(({ alias: { directive }, why }) => ({ ...lineOf(directive), why })),
    ...unused(found, placed, unplaced),
    ...homes.preload(),
  ]
  for (const note of found.notes) if (!homes.take(note)) remarks.push({ ...lineOf(note), why: note.why })
  const permitted = scriptDirectories(
    found,
    placed.map(({ script }) => script),
  )
  const server: Options = {
    ...(listeners.listen !== undefined && { listen: listeners.listen }),
    ...found.server,
    ...(permitted.length > 0 && { 'script-directories': permitted }),
  }
  const { options, lost } = soundServer(server)
  const [main] = found.scopes
  if (main !== undefined) for (const [name, why] of lost) remarks.push({ place: main.place, text: name, why })
  const groups = homes.finish()
  return { server: options, remarks: [...remarks, ...homes.remarks], groups }
}

type Home = Readonly<{ claimed: Claimed; group: DraftGroup; remarks: Remark[] }>

/** The groups, with the applications in them. */
class Homes {
  readonly #groups: Groups
  readonly #homes: readonly Home[]
  readonly #found: Collected
  readonly #chosen: ReadonlySet<string>
  readonly remarks: Remark[] = []

  constructor(found: Collected, all: readonly Claimed[]) {
    this.#found = found
    this.#groups = new Groups(found)
    this.#homes = all
      .filter(({ isLeftOut }) => !isLeftOut)
      .map((claimed) => {
        const { processGroup, alias } = claimed.placed
        return { claimed, group: this.#groups.for(processGroup, alias.directive), remarks: [...claimed.remarks] }
      })
    this.#chosen = this.#chosenByUrl()
  }

  /** The groups that have something to do; a remark for each of the others. To be called once, when all notes are taken. */
  finish(): readonly DraftGroup[] {
    for (const { claimed, group, remarks } of this.#homes)
      group.applications.push(this.#application(claimed, group, remarks))
    for (const group of this.#groups.all) {
      const { options, remarks } = groupSettings(this.#servedBy(group))
      Object.assign(group.options, options)
      group.remarks.push(...remarks)
    }
    const isUsed = ({ name, applications }: DraftGroup): boolean => applications.length > 0 || this.#chosen.has(name)
    for (const { directive, name } of this.#found.daemons) {
      const group = this.#groups.all.find((each) => each.name === this.#groups.nameOf(name))
      if (group !== undefined && !isUsed(group))
        this.remarks.push({ ...lineOf(directive), why: 'no application runs in it' })
    }
    return this.#groups.all.filter(isUsed)
  }

  preload(): readonly Remark[] {
    return this.#groups.preload().map((line) => ({ ...lineOf(line), why: 'no application runs in its process group' }))
  }

  /** Puts a note where it belongs: to the application that its section holds for, or the first group of its virtual host. */
  take({ scope, overlay, why, ...line }: Note): boolean {
    const home = this.#homes.find(({ claimed: { placed } }) =>
      overlay === null ? placed.alias.scope === scope : placed.used.overlays.has(overlay),
    )
    if (home === undefined || (overlay === null && scope.virtual === null)) return false
    const remarks = overlay === null ? home.group.remarks : home.remarks
    remarks.push({ ...lineOf(line), why })
    return true
  }

  #chosenByUrl(): ReadonlySet<string> {
    const names = this.#found.daemons.map(({ name }) => name)
    const byUrl = this.#homes.filter(({ claimed }) => claimed.placed.processGroup === null)
    return new Set(byUrl.flatMap(({ claimed }) => this.#permitted(claimed.placed, names)))
  }

  /** The groups that a URL may choose: no other than Apache's daemon process groups. */
  #permitted({ application: { options } }: Placed, names: readonly string[]): readonly string[] {
    const restricted = options['restrict-process']
    const permitted = Array.isArray(restricted) ? names.filter((name) => restricted.includes(name)) : names
    return permitted.flatMap((name) => this.#groups.nameOf(name) ?? [])
  }

  /** All applications whose requests the group's workers get. */
  #servedBy({ name }: DraftGroup): readonly Placed[] {
    const names = this.#found.daemons.map((each) => each.name)
    return this.#homes.flatMap(({ claimed: { placed }, group }) => {
      const isByUrl = placed.processGroup === null
      return (isByUrl ? this.#permitted(placed, names).includes(name) : group.name === name) ? [placed] : []
    })
  }

  #application({ placed, options: hosts }: Claimed, group: DraftGroup, remarks: readonly Remark[]): DraftApplication {
    const { application, alias } = placed
    const isByUrl = placed.processGroup === null
    const names = this.#found.daemons.map(({ name }) => name)
    const isAlone = this.#homes.filter((each) => each.group === group).length === 1
    const options: Options = {
      ...application.options,
      ...hosts,
      ...(isByUrl && { 'restrict-process': this.#permitted(placed, names) }),
    }
    const kept = applicationGroup(options, placed.applicationGroup, isAlone)
    const [option, lost] = 'option' in kept ? [kept.option, []] : [{}, [{ place: alias.directive.place, ...kept }]]
    return sounded(alias.directive, { ...options, ...option }, [...application.remarks, ...remarks, ...lost])
  }
}

function sounded(directive: Line, wanted: Options, remarks: readonly Remark[]): DraftApplication {
  const sound = soundApplication(wanted)
  const refused = soundRemarks(sound, directive, (name) => `${directive.text}: ${name}`)
  const isNone = sound.kept.size === 0 && !isApplication(sound.options)
  const none = isNone ? [{ ...lineOf(directive), why: 'what it became is no application: correct it' }] : []
  return { place: directive.place, options: inOrder(sound.options), remarks: [...remarks, ...refused, ...none] }
}

const first = [
  'mount',
  'match',
  'script',
  'callable',
  'hosts',
  'aliases',
  'process-group',
  'restrict-process',
  'application-group',
]

/** As people write them. */
const inOrder = (options: Options): Options => ({
  ...Object.fromEntries(first.flatMap((name) => (options[name] === undefined ? [] : [[name, options[name]]]))),
  ...options,
})

/** Lines that are understood and hold for no application. */
function unused(
  { scopes, overlays, aliases }: Collected,
  placed: readonly Placed[],
  unplaced: readonly Unplaced[],
): readonly Remark[] {
  const rewrites = [...scopes, ...overlays]
    .flatMap(({ settings }) => settings.rewrites)
    .filter((each) => !placed.some(({ used }) => used.rewritings.has(each)))
    .map(({ directive }) => ({
      ...lineOf(directive),
      why: 'no WSGIScriptAliasMatch has the same pattern, with these captures',
    }))
  const idle = overlays.filter(
    (overlay) => ![...placed.map(({ used }) => used), ...unplaced].some((each) => each.overlays.has(overlay)),
  )
  const lines = idle.flatMap((overlay) =>
    overlay.settings.lines.map((line) => ({ ...line, why: `no application is in ${overlay.text}` })),
  )
  const logins = idle
    .filter((each) => Object.keys(each.settings.login).length > 0 && !asks(each))
    .map((overlay) => ({ ...lineOf(overlay), why: 'nothing is there that could ask for a password' }))
  const guards = overlays
    .filter((each) => asks(each) && !isAboutDotNames(each) && (idle.includes(each) || isUnclear(each, placed)))
    .map((overlay) => ({ ...lineOf(overlay), why: unclear }))
  const directories = aliases
    .filter((alias) => !placed.some(({ used }) => used.aliases.has(alias)))
    .map((alias) => ({ ...lineOf(alias.directive), why: whyNotStatic(alias) }))
  return [...rewrites, ...lines, ...logins, ...guards, ...directories]
}

const unclear = 'no path of an application is known to be meant: what it asks is asked nowhere now'

/** Whether a section may be about a part of an application that is no path below its mount. */
const isUnclear = (overlay: Overlay, placed: readonly Placed[]): boolean =>
  placed.some(({ alias }) => /^location/.test(overlay.kind) && mayReachInto(overlay, subjectOf(alias)))

const whyNotStatic = ({ isRoot }: Alias): string =>
  isRoot
    ? 'there is no document root: what lies there is not served'
    : 'static files belong to an application: only directories below the mount of one are served'
