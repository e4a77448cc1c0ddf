// The claim of every restart, roll and rotation: not one request of a load failed. Whoever loses one loses it for good, see conclusively().
import { expect } from '@jest/globals'
import type { Outcomes } from './keep-requesting.ts'
import type { MixedLoadReport } from './mixed-load.ts'
import { conclusively } from './test.ts'

type Report = Outcomes | Pick<MixedLoadReport, 'failed'>

/** Sees that all requests of these loads were answered by 200 and the right body. */
export function expectNothingLost(...reports: readonly Report[]): void {
  conclusively(() => expect(reports.map(lossesOf)).toEqual(reports.map(() => ({}))))
}

/** Kind of loss → how many. */
function lossesOf(report: Report): Readonly<Record<string, number>> {
  if ('failed' in report) return report.failed
  const { wrong, statuses, errors } = report
  return { ...statuses, ...errors, ...(wrong > 0 && { 'another body': wrong }) }
}
