// An error page of wsgid's own: it says what happened and an id, and the log says under that id why.
import { expect } from '@jest/globals'
import type { RawAnswer } from './raw-answers.ts'
import type { RunningWsgid } from './start-wsgid.ts'

/** What a page must lead to: its status, and the cause in the log of a group ("wsgid": the server's). */
export type Explanation = Readonly<{ status: number; log: string; cause: RegExp }>

type Page = Pick<RawAnswer, 'status' | 'body'> & Readonly<{ headers: ReadonlyMap<string, unknown> }>

/** Sees that an answer is the page, and waits for the line. */
export async function expectExplained(
  server: RunningWsgid,
  { status, headers, body }: Page,
  explanation: Explanation,
): Promise<void> {
  expect([status, headers.get('content-type')]).toEqual([explanation.status, 'text/html; charset=utf-8'])
  expect(body).toContain(`<h1>${status} `)
  const id = requestIdIn(body)
  const { source } = explanation.cause
  await server.logLine(explanation.log, new RegExp(`request=${id} .*answered ${status}.*(?:${source})`))
}

/** The id on an error page; without one, words that no log has. */
export function requestIdIn(page: string): string {
  return /<code>(\S+)<\/code>/.exec(page)?.[1] ?? 'no id in the page'
}
