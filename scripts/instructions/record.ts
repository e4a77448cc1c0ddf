// What was counted beside what is on record (scripts/instructions/record.json). Pure.

/** Instructions per request, by "worker get" and so on, and the versions of the programs that they hold for. */
export type Counts = Readonly<{
  versions: Readonly<Record<string, string>>
  instructions: Readonly<Record<string, number>>
}>

/** More than this above the record is a regression; two counts of the same code differ by about 1 %. */
export const TOLERANCE = 0.05

/** `excess`: 0.1 is a tenth more than on record; null: nothing is on record for it, or for other versions. */
export type Line = Readonly<{ name: string; instructions: number; recorded: number | null; excess: number | null }>

/** Compares each count; a record of other versions of Python or node says nothing. */
export function compare(counted: Counts, record: Counts): Line[] {
  const holds = Object.entries(counted.versions).every(([name, version]) => record.versions[name] === version)
  return Object.entries(counted.instructions).map(([name, instructions]) => {
    const recorded = (holds ? record.instructions[name] : undefined) ?? null
    return { name, instructions, recorded, excess: recorded === null ? null : instructions / recorded - 1 }
  })
}

export const isWorse = ({ excess }: Line): boolean => excess !== null && excess > TOLERANCE

/** Renders a Markdown table. */
export function renderLines(lines: readonly Line[]): string {
  const rows = lines.map(({ name, instructions, recorded, excess }) => {
    const compared = recorded === null || excess === null ? ['–', '–'] : [whole(recorded), percent(excess)]
    return `| ${[name, whole(instructions), ...compared].join(' | ')} |`
  })
  return ['| path | instructions a request | on record | change |', '| --- | ---: | ---: | ---: |', ...rows].join('\n')
}

const whole = (value: number): string => value.toLocaleString('en')
const percent = (share: number): string => `${share < 0 ? '' : '+'}${(100 * share).toFixed(1)} %`
