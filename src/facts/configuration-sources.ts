// What a configuration is read from: which directories to watch for changes, and whether there was one. Much cheaper than reading it all.
import { createHash } from 'node:crypto'
import { stat } from 'node:fs/promises'
import { dirname, join, resolve } from 'node:path'
import { readForEach } from '../config/for-each.ts'
import { groupPatterns } from '../config/parse.ts'
import { parseYaml, type SourceText } from '../config/yaml-file.ts'
import { findDirectories } from './for-each-directories.ts'
import { matchingFiles, readSource } from './read-configuration.ts'

export type ConfigurationSources = Readonly<{
  /** Directories that exist; what is missing is watched for in the nearest one above it. */
  directories: readonly string[]
  /** Another one when a file has another text, or `for-each` finds other directories or owners. */
  fingerprint: string
}>

type Parts = Readonly<{ places: readonly string[]; marks: readonly unknown[] }>

/** Looks at wsgid.yaml, the group files and the directories of `for-each`. @param configFile absolute */
export async function lookAtSources(configFile: string): Promise<ConfigurationSources> {
  const source = await readSource(configFile)
  const yaml = source.ok ? parseYaml(source.text) : undefined
  const files = yaml?.ok === true ? await groupFiles(groupPatterns(yaml.file), dirname(configFile)) : nothing
  const places = [dirname(configFile), ...files.places]
  const marks = [source.ok ? source.text.text : source.diagnostic.what, ...files.marks]
  return {
    directories: [...new Set(await Promise.all(places.map(nearestDirectory)))],
    fingerprint: createHash('sha256').update(JSON.stringify(marks)).digest('hex'),
  }
}

const nothing: Parts = { places: [], marks: [] }

async function groupFiles(patterns: readonly string[], directory: string): Promise<Parts> {
  const paths = await matchingFiles(patterns, directory)
  const parts = await Promise.all(paths.map((path) => groupFile(path)))
  return {
    places: [
      ...patterns.map((pattern) => fixedPart(resolve(directory, pattern))),
      ...paths.map((path) => dirname(path)),
      ...parts.flatMap(({ places }) => places),
    ],
    marks: [paths, ...parts.flatMap(({ marks }) => marks)],
  }
}

async function groupFile(path: string): Promise<Parts> {
  const source = await readSource(path)
  if (!source.ok) return { places: [], marks: [source.diagnostic.what] }
  const found = source.text.text.includes('for-each') ? await directoriesOf(source.text) : nothing
  return { places: found.places, marks: [source.text.text, ...found.marks] }
}

/** So many directories that still lack what is required are watched; the others are found with the next change. */
const mostIncomplete = 100

async function directoriesOf(text: SourceText): Promise<Parts> {
  const yaml = parseYaml(text)
  const read = yaml.ok ? readForEach(yaml.file) : yaml
  if (!read.ok || !('forEach' in read) || read.forEach === null) return nothing
  const { pattern, require } = read.forEach
  const { instances, incomplete } = await findDirectories(read.forEach)
  return {
    places: [
      fixedPart(pattern),
      ...new Set(instances.map(({ foundIn }) => foundIn)),
      ...incomplete.slice(0, mostIncomplete).map((path) => dirname(join(path, require ?? ''))),
    ],
    marks: [instances],
  }
}

/** The directory above the first segment of a pattern that is not plain. */
function fixedPart(pattern: string): string {
  const segments = dirname(pattern).split('/')
  const magic = segments.findIndex((segment) => /[*?[\]{}()!]/.test(segment))
  return (magic < 0 ? segments : segments.slice(0, magic)).join('/') || '/'
}

async function nearestDirectory(path: string): Promise<string> {
  const isDirectory = await stat(path).then(
    (stats) => stats.isDirectory(),
    () => false,
  )
  return isDirectory || path === '/' ? path : nearestDirectory(dirname(path))
}
