// A draft → the texts of wsgid.yaml and of group files, what is not carried over as comments at its place.
import { stringify } from 'yaml'
import type { Draft, DraftGroup, Options, Remark } from './draft.ts'

/** A file relative to the directory that is written. */
export type RenderedFile = Readonly<{ path: string; text: string }>

const introduction = (source: string): string => `# Made from ${source} by wsgid import-apache.
`

const differences = `# Where Apache said nothing, wsgid's own defaults hold: request-timeout 60s, queue-timeout 45s, deadlock-timeout 60s, locale C.UTF-8,
# and Authorization is passed on. docs/configuration.md has them all.
`

/** @param source the main file, for the first line */
export function renderDraft(draft: Draft, source: string): readonly RenderedFile[] {
  const server = introduction(source) + differences + comments(draft.remarks, '') + mapText(draft.server)
  return [
    { path: 'wsgid.yaml', text: server },
    ...draft.groups.map((group) => ({
      path: `groups.d/${group.name}.yaml`,
      text: introduction(source) + groupText(group),
    })),
  ]
}

/** Every remark of a draft once, by file and line, as stderr has it. */
export function remarkLines({ remarks, groups }: Draft): readonly string[] {
  const all = [
    ...remarks,
    ...groups.flatMap((group) => [...group.remarks, ...group.applications.flatMap((each) => each.remarks)]),
  ]
  const sorted = all.sort(
    ({ place: a }, { place: b }) => (a.file < b.file ? -1 : a.file > b.file ? 1 : 0) || a.line - b.line,
  )
  return [...new Set(sorted.map(remarkText))]
}

const remarkText = ({ place, text, why }: Remark): string =>
  `${place.file}:${place.line}: not carried over: ${text}: ${why}`.replaceAll(/\s+/g, ' ')

function groupText({ name, options, preloadScripts, applications, remarks }: DraftGroup): string {
  const preload = preloadScripts.length === 0 ? {} : { 'preload-script': preloadScripts }
  const head = `${comments(remarks, '')}${mapText({ name, ...options, ...preload })}`
  if (applications.length === 0) return head
  const entries = applications.map(({ place, options: own, remarks: about }) => {
    const [first = '', ...rest] = mapText(own).trimEnd().split('\n')
    const lines = [`- ${first}`, ...rest.map((line) => `  ${line}`)].map((line) => `  ${line}`).join('\n')
    return `  # ${place.file}:${place.line}\n${comments(about, '  ')}${lines}\n`
  })
  return `${head}applications:\n${entries.join('')}`
}

const comments = (remarks: readonly Remark[], indent: string): string =>
  [...new Set(remarks.map(remarkText))].map((text) => `${indent}# ${text}\n`).join('')

const mapText = (options: Options): string =>
  Object.keys(options).length === 0 ? '' : stringify(options, { lineWidth: 0 })
