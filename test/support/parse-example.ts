// Reads an example of a configuration file by the real parsers; a group file with for-each as one of its groups reads it.
import { instanceOf, readForEach, standIn } from '../../src/config/for-each.ts'
import { checkGroupFile, parseServerFile } from '../../src/config/parse.ts'
import { parseYaml, type SourceText } from '../../src/config/yaml-file.ts'

/** By its name: wsgid.yaml, or a group file. */
export function parseExample(source: SourceText) {
  return source.name.endsWith('wsgid.yaml') ? parseServerFile(source) : parseGroupExample(source)
}

export function parseGroupExample(source: SourceText) {
  const yaml = parseYaml(source)
  if (!yaml.ok) return yaml
  const read = readForEach(yaml.file)
  if (!read.ok) return read
  return checkGroupFile(read.forEach === null ? yaml.file : instanceOf(read.forEach, standIn))
}
