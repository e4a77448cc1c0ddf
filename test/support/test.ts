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

/**
 * Something that all tests of a file share: made when the first one asks for it, ended after the last one. When it could not be made, it is
 * tried once more, for the file and not for each of its tests.
 */
export function forTheFile<T>(make: () => Promise<T>): () => Promise<T> {
  const ofTheFile: Ending[] = []
  let made: Promise<T> | undefined
  let failures = 0
  const makeOrForget = async (): Promise<T> => {
    try {
      return await make()
    } catch (error) {
      failures += 1
      if (failures === 1) made = undefined
      const failure = await failureOf(end(ofTheFile, 'failed'))
      throw joined([error, ...(failure === null ? [] : [failure.error])])
    }
  }
  afterAll(() => end(ofTheFile, fileOutcome), 60_000)
  return async () => {
    endings = ofTheFile
    made ??= makeOrForget()
    return made.finally(() => (endings = ofTheTest))
  }
}

type Body = () => Promise<void>

// What is known already of the tests of this file that cannot pass any more, by their bodies.
const concluded = new Map<Body, unknown>()
// Those of which an attempt is going on: jest starts the second one when its limit is over, whatever still runs.
const unfinished = new Set<Body>()
let running: Body | undefined

/**
 * Judges what a single counterexample disproves: that no request is lost, that none runs twice. When it fails, a second attempt at the running test
 * fails as well: such a thing does not come of a process that got its turn late.
 */
export function conclusively(judge: () => void): void {
  try {
    judge()
  } catch (error) {
    if (running !== undefined) concluded.set(running, error)
    throw error
  }
}

/**
 * A jest test whose endings run in every case, also when it takes too long, so that no process outlives it.
 *
 * Without a need it is skipped, and a line `SKIPPED (reason): title` on stderr says so; with WSGID_REQUIRE_PRIVILEGED=1
 * in the environment it fails instead.
 */
export function test(title: string, body: Body, options: TestOptions = {}): void {
  const missing = (options.needs ?? []).map((need) => need.missing()).find((reason) => reason !== null)
  const seconds = options.seconds ?? 60
  // Time for the endings, on top of the body's own: a server that does not stop takes more than a minute.
  const jestLimit = (seconds + 75) * 1000
  if (missing === undefined) {
    jestTest(title, () => attempt(body, seconds), jestLimit)
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
export function asRoot(title: string, body: Body, options: TestOptions = {}): void {
  test(title, body, { ...options, needs: [root, ...(options.needs ?? [])] })
}

/**
 * One attempt at a test: its body, for so many seconds, then its endings.
 *
 * @throws what went wrong; at once, when an earlier attempt has shown that the test cannot pass
 */
export async function attempt(body: Body, seconds: number): Promise<void> {
  if (concluded.has(body)) throw concluded.get(body)
  // Beside a second attempt it would use the same list of endings.
  if (unfinished.has(body)) throw new Error('the first attempt has not come to its end')
  unfinished.add(body)
  running = body
  const progress: { isOver: boolean } = { isOver: false }
  const work = body().finally(() => (progress.isOver = true))
  const failure = await failureOf(withinSeconds(work, seconds))
  if (failure !== null) fileOutcome = 'failed'
  const failures = [failure, await failureOf(end(ofTheTest, failure === null ? 'passed' : 'failed'))]
  // Without its servers it soon ends.
  await failureOf(withinSeconds(work, Math.min(seconds, 10)))
  if (progress.isOver) unfinished.delete(body)
  throwAll(failures)
}

async function end(list: Ending[], outcome: Outcome): Promise<void> {
  const failures: (Failure | null)[] = []
  for (const ending of list.splice(0).reverse()) {
    // What went wrong while ending is a failure for the endings that follow too: they keep what there is to look at.
    failures.push(await failureOf(ending(failures.every((each) => each === null) ? outcome : 'failed')))
  }
  throwAll(failures)
}

type Failure = Readonly<{ error: unknown }>

/** What a promise is rejected with; null when it is fulfilled. */
const failureOf = (work: Promise<unknown>): Promise<Failure | null> =>
  work.then(
    () => null,
    (error: unknown) => ({ error }),
  )

function throwAll(failures: readonly (Failure | null)[]): void {
  const errors = failures.filter((each) => each !== null).map(({ error }) => error)
  if (errors.length > 0) throw joined(errors)
}

const joined = (errors: readonly unknown[]): unknown =>
  errors.length === 1 ? errors[0] : new AggregateError(errors, errors.map(messageOf).join('\n--- and then ---\n'))

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
