// A wsgid configuration that is to be written: plain values in the words of group files, and comments. Types only.
import type { Line } from './collected.ts'

/** A value of YAML. */
export type Value = string | number | boolean | readonly Value[] | Readonly<{ [name: string]: Value }>
export type Options = Record<string, Value>

/** A line that was not carried over. */
export type Remark = Line & Readonly<{ why: string }>

export type DraftApplication = Readonly<{
  /** Where its WSGIScriptAlias stands. */
  place: Line['place']
  options: Options
  remarks: readonly Remark[]
}>

/** A group file. */
export type DraftGroup = {
  name: string
  options: Options
  preloadScripts: string[]
  applications: DraftApplication[]
  remarks: Remark[]
}

export type Draft = Readonly<{ server: Options; remarks: readonly Remark[]; groups: readonly DraftGroup[] }>
