// How the comparison's outcome is shown. Pure.
import { differences, type Difference } from './differences.ts'
import { probes } from './requests.ts'

/** The table of docs/differences-from-mod-wsgi.md: differences in environ, then in what is refused. */
export function renderTable(): string {
  const environ = differences.map(({ keys, apache, wsgid, why }) => row(keys.map(code).join(', '), apache, wsgid, why))
  const refused = probes.flatMap(({ title, differs }) =>
    differs ? [row(title, `${differs.apache}`, `${differs.wsgid}`, differs.why)] : [],
  )
  return [
    ...['## environ', '', row('key', 'Apache + mod_wsgi', 'wsgid', 'why'), rule, ...environ, ''],
    ...['## Status of odd requests', '', row('request', 'Apache', 'wsgid', 'why'), rule, ...refused, ''],
  ].join('\n')
}

/** The differences that occurred, with the number of requests in which each did. */
export function renderOccurred(occurred: ReadonlyMap<Difference, number>): string {
  return [...occurred]
    .map(
      ([{ keys, apache, wsgid, why }, times]) =>
        `  ${keys.join(', ')}: ${apache} | ${wsgid} (${times} requests; ${why})`,
    )
    .join('\n')
}

const row = (...cells: string[]): string => `| ${cells.map((cell) => cell.replaceAll('|', '\\|')).join(' | ')} |`
const rule = '| --- | --- | --- | --- |'
const code = (text: string): string => `\`${text}\``
