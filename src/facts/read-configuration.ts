// Reads wsgid.yaml and the group files that it names: the only place where configuration comes from disk.
// What the texts mean is config/'s business.
import { readFile, stat } from 'node:fs'
import { dirname, resolve } from 'node:path'
import { promisify } from 'node:util'
import { glob } from 'tinyglobby'
import { configureServer, type Configuration } from '../config/configuration.ts'
import { instanceOf, readForEach, standIn, type ForEach } from '../config/for-each.ts'
import { configureGroup } from '../config/group-configuration.ts'
import { shownPath, wholeFile, type Diagnostic } from '../config/diagnostics.ts'
import type { GroupOptions } from '../config/group-schema.ts'
import { checkGroupFile, groupPatterns, parseServerFile, type ParsedFile } from '../config/parse.ts'
import { parseYaml, type SourceText, type YamlFile } from '../config/yaml-file.ts'
import { errnoOf } from '../errno.ts'
import { findDirectories } from './for-each-directories.ts'

/**
 * What could be read: the configuration as far as it can be believed (null when nothing of wsgid.yaml can), what is wrong with the files, and
 * (`warnings`) which directories of `for-each` make no group.
 */
export type ReadResult = Readonly<{
  configuration: Configuration | null
  diagnostics: readonly Diagnostic[]
  warnings: readonly Diagnostic[]
}>

// A third of the time of node:fs/promises: 20 ms against 60 for 1,000 files.
const look = promisify(stat)
const read = promisify(readFile)

// A group file of a thousand applications has about 100 KiB; more is a mistake, such as a log in the wrong place.
const largestFile = 1024 * 1024
// Open files at a time: far below the usual limit of 1024 descriptors.
const filesAtOnce = 64

/**
 * Reads a configuration with all its group files. Nothing is thrown for what a user can get wrong.
 *
 * @param configFile absolute, or relative to the working directory
 */
export async function readConfiguration(configFile: string): Promise<ReadResult> {
  const source = await readSource(resolve(configFile))
  if (!source.ok) return { configuration: null, diagnostics: [source.diagnostic], warnings: [] }
  const server = parseServerFile(source.text)
  const wrong = server.ok ? [] : server.diagnostics
  const believed = server.ok ? server : server.sound
  if (!server.file) return { configuration: null, diagnostics: wrong, warnings: [] }
  const groups = await readGroups(server.file)
  const diagnostics = [...wrong, ...groups.diagnostics]
  const { warnings } = groups
  if (believed === null) return { configuration: null, diagnostics, warnings }
  return {
    configuration: {
      server: configureServer(believed),
      groups: groups.parsed.map(({ group, foundIn }) => configureGroup(group, believed, foundIn)),
      isPartial: groups.isPartial,
      mayDirect: groups.mayDirect,
    },
    diagnostics,
    warnings,
  }
}

async function readGroups(serverFile: YamlFile) {
  const patterns = groupPatterns(serverFile)
  const paths = await matchingFiles(patterns, dirname(serverFile.path))
  const sources = await inBatches(paths, readSource)
  const read = sources.flatMap((source) => (source.ok ? [source.text] : []))
  const files = await Promise.all(read.map(readGroupsOf))
  return {
    parsed: files.flatMap(({ parsed }) => parsed),
    isPartial: sources.some(({ ok }) => !ok) || files.some(({ isPartial }) => isPartial),
    mayDirect: files.some(({ isPartial }, index) => isPartial && read[index]?.text.includes('process-group') === true),
    diagnostics: [
      ...(paths.length === 0 ? [noGroups(serverFile, patterns)] : []),
      ...sources.flatMap((source) => (source.ok ? [] : [source.diagnostic])),
      ...files.flatMap(({ diagnostics }) => diagnostics),
    ],
    warnings: files.flatMap(({ warnings }) => warnings),
  }
}

/** The groups of one file: one, or those of `for-each`. `foundIn` as in GroupConfiguration; `isPartial`: not all of them, for what is wrong. */
type GroupsOfFile = Readonly<{
  parsed: readonly Readonly<{ group: ParsedFile<GroupOptions>; foundIn: string | null }>[]
  isPartial: boolean
  diagnostics: readonly Diagnostic[]
  warnings: readonly Diagnostic[]
}>

async function readGroupsOf(source: SourceText): Promise<GroupsOfFile> {
  const yaml = parseYaml(source)
  const read = yaml.ok ? readForEach(yaml.file) : yaml
  if (!yaml.ok || !read.ok)
    return { parsed: [], isPartial: true, diagnostics: read.ok ? [] : read.diagnostics, warnings: [] }
  return read.forEach === null ? groupsFrom([{ file: yaml.file, foundIn: null }]) : readInstances(read.forEach)
}

async function readInstances(forEach: ForEach): Promise<GroupsOfFile> {
  const { instances, warnings } = await findDirectories(forEach)
  if (instances.length === 0) {
    const { diagnostics } = groupsFrom([{ file: instanceOf(forEach, standIn), foundIn: null }])
    return { parsed: [], isPartial: false, diagnostics, warnings }
  }
  const files = instances.map((instance) => ({ file: instanceOf(forEach, instance), foundIn: instance.foundIn }))
  return { ...groupsFrom(files), warnings }
}

function groupsFrom(files: readonly Readonly<{ file: YamlFile; foundIn: string | null }>[]): GroupsOfFile {
  const checked = files.map(({ file, foundIn }) => ({ group: checkGroupFile(file), foundIn }))
  const parsed = checked.flatMap(({ group, foundIn }) => {
    const believed = group.ok ? group : group.sound
    return believed === null ? [] : [{ group: believed, foundIn }]
  })
  return {
    parsed,
    isPartial: parsed.length < checked.length,
    diagnostics: checked.flatMap(({ group }) => (group.ok ? [] : group.diagnostics)),
    warnings: [],
  }
}

/** Absolute paths, sorted, each once. */
export async function matchingFiles(patterns: readonly string[], directory: string): Promise<readonly string[]> {
  const found = await glob(patterns, { cwd: directory, absolute: true, expandDirectories: false })
  return found.sort()
}

function noGroups(file: YamlFile, patterns: readonly string[]): Diagnostic {
  const shown = patterns.map((pattern) => shownPath(resolve(dirname(file.path), pattern), process.cwd())).join(' or ')
  return {
    ...(file.has(['groups']) ? file.placeOf(['groups'], 'value') : wholeFile(file.name)),
    code: 'no-groups',
    what: `no group file matches ${shown}`,
    cure: 'write a group file there (docs/configuration.md has an example), or set groups: to where they are',
  }
}

type Source = Readonly<{ ok: true; text: SourceText }> | Readonly<{ ok: false; diagnostic: Diagnostic }>

/** The text of a file, or what is wrong with it. */
export async function readSource(path: string): Promise<Source> {
  const name = shownPath(path, process.cwd())
  const refuse = (what: string, cure: string): Source => ({
    ok: false,
    diagnostic: { ...wholeFile(name), code: 'cannot-read', what, cure },
  })
  try {
    const content = await readRegularFile(path)
    if (content === undefined) return refuse('not a regular file of at most 1 MiB', 'name a configuration file')
    return { ok: true, text: { name, path, text: new TextDecoder('utf-8', { fatal: true }).decode(content) } }
  } catch (error) {
    const code = errnoOf(error)
    if (code === 'ERR_ENCODING_INVALID_ENCODED_DATA') return refuse('not UTF-8 text', 'save it in UTF-8')
    if (code === 'ENOENT') return refuse('there is no such file', 'mind the spelling, or name another one with -c FILE')
    return refuse(
      `cannot be read: ${code}`,
      'let the user that starts wsgid read it, or name another file with -c FILE',
    )
  }
}

async function readRegularFile(path: string): Promise<Buffer | undefined> {
  const stats = await look(path)
  return stats.isFile() && stats.size <= largestFile ? await read(path) : undefined
}

async function inBatches<Item, Result>(items: readonly Item[], work: (item: Item) => Promise<Result>) {
  const results: Result[] = []
  for (let start = 0; start < items.length; start += filesAtOnce)
    results.push(...(await Promise.all(items.slice(start, start + filesAtOnce).map(work))))
  return results
}
