// A test with needs and endings: what it needs from the machine (root, a package) and what must be done when it is over,
// told whether it passed. Knows nothing of wsgid.
import { existsSync } from 'node:fs'
import { getuid } from 'node:process'
import { afterAll, test as jestTest } from '@jest/globals'

export type Outcome = 'passed' | 'failed'
type Ending = (outcome: Outcome) => Promise<void>

/** Something the machine must have; `missing` says in a word or two what is not there, null when it is. */
export type Need = Readonly<{ missing: () => string | null }>
export type TestOptions = Readonly<{ needs?: readonly Need[]; seconds?: number }>

export const isRoot = getuid?.() === 0

/** The test switches users. */
export const root: Need = { missing: () => (isRoot ? null : 'not root') }

/** The test runs a program of a Debian package. */
export function installed(...paths: readonly string[]): Need {
  return {
    missing: () => {
      const absent = paths.filter((path) => !existsSync(path))
      return absent.length === 0 ? null : `not installed: ${absent.join(' ')}`
    },
  }
}

// Tests of one file run one after the other, so one list is enough; while something is made for the whole file, its.
const ofTheTest: Ending[] = []
let endings = ofTheTest
let fileOutcome: Outcome = 'passed'

/** Has something done when the running test is over, last registered first. An ending that throws fails the test. */
export function atEnd(ending: Ending): void {
  endings.push(ending)
}

/** Something that all tests of a file share: made when the first one asks for it, ended after the last one. */
export function forTheFile<T>(make: () => Promise<T>): () => Promise<T> {
  const ofTheFile: Ending[] = []
  let made: Promise<T> | undefined
  afterAll(() => end(ofTheFile, fileOutcome), 60_000)
  return async () => {
    endings = ofTheFile
    made ??= make()
    return made.finally(() => (endings = ofTheTest))
  }
}

/**
 * A jest test whose endings run in every case, also when it takes too long, so that no process outlives it.
 *
 * Without a need it is skipped, and a line `SKIPPED (reason): title` on stderr says so; with WSGID_REQUIRE_PRIVILEGED=1
 * in the environment it fails instead.
 */
export function test(title: string, body: () => Promise<void>, options: TestOptions = {}): void {
  const missing = (options.needs ?? []).map((need) => need.missing()).find((reason) => reason !== null)
  const seconds = options.seconds ?? 60
  // Time for the endings, on top of the body's own.
  const jestLimit = (seconds + 45) * 1000
  if (missing === undefined) {
    jestTest(title, () => runWithEndings(body, seconds), jestLimit)
  } else if (process.env['WSGID_REQUIRE_PRIVILEGED'] === '1') {
    jestTest(title, () => {
      throw new Error(`cannot run (${missing}), but WSGID_REQUIRE_PRIVILEGED=1 demands it`)
    })
  } else {
    process.stderr.write(`SKIPPED (${missing}): ${title}\n`)
    jestTest.skip(title, () => undefined)
  }
}

/** A test that needs root. */
export function asRoot(title: string, body: () => Promise<void>, options: TestOptions = {}): void {
  test(title, body, { ...options, needs: [root, ...(options.needs ?? [])] })
}

async function runWithEndings(body: () => Promise<void>, seconds: number): Promise<void> {
  const failures: unknown[] = []
  await withinSeconds(body(), seconds).catch((error: unknown) => failures.push(error))
  if (failures.length > 0) fileOutcome = 'failed'
  await end(ofTheTest, failures.length === 0 ? 'passed' : 'failed').catch((error: unknown) => failures.push(error))
  throwAll(failures)
}

async function end(list: Ending[], outcome: Outcome): Promise<void> {
  const failures: unknown[] = []
  for (const ending of list.splice(0).reverse()) {
    // What went wrong while ending is a failure for the endings that follow too: they keep what there is to look at.
    await ending(failures.length === 0 ? outcome : 'failed').catch((error: unknown) => failures.push(error))
  }
  throwAll(failures)
}

function throwAll(failures: readonly unknown[]): void {
  if (failures.length > 1) throw new AggregateError(failures, failures.map(messageOf).join('\n--- and then ---\n'))
  if (failures.length === 1) throw failures[0]
}

async function withinSeconds(work: Promise<void>, seconds: number): Promise<void> {
  let timer: NodeJS.Timeout | undefined
  const tooLate = new Promise<never>((_, reject) => {
    timer = setTimeout(() => reject(new Error(`the test took longer than ${seconds} s`)), seconds * 1000)
  })
  await Promise.race([work, tooLate]).finally(() => clearTimeout(timer))
}

function messageOf(error: unknown): string {
  return error instanceof Error ? (error.stack ?? error.message) : String(error)
}
