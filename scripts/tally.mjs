// Sums up the results that scripts/test left in a directory: NAME.step holds "passed" or "failed", NAME.jest is the
// report of `jest --json`. Prints what failed and what was skipped, then the closing line; exits 1 on any failure.
import { readFileSync } from 'node:fs'
import { join } from 'node:path'

const steps = ['build', 'typecheck', 'lint']
const suites = ['unit', 'e2e']
const directory = process.argv[2]
const outcomes = [...steps.map(readStep), ...suites.flatMap(readSuite)]

const [passed, failed, skipped] = ['passed', 'failed', 'skipped'].map((kind) =>
  outcomes.filter((one) => one.kind === kind),
)
for (const { title } of failed) console.log(`failed: ${title}`)
for (const { title } of skipped) console.log(`skipped: ${title}`)
const late = outcomes.filter((one) => one.kind === 'passed' && one.attempts > 1)
for (const { title } of late) console.log(`passed at the second attempt only: ${title}`)
console.log(`${late.length} passed at the second attempt only`)

const refusesSkips = process.env.WSGID_REQUIRE_PRIVILEGED === '1'
if (skipped.length > 0 && process.geteuid() !== 0)
  console.log('Tests that need another user than yours are skipped: run scripts/test as root.')
if (skipped.length > 0 && refusesSkips) console.log('WSGID_REQUIRE_PRIVILEGED=1: a skipped test is a failure.')

console.log(`${passed.length} passed, ${failed.length} failed, ${skipped.length} skipped`)
process.exitCode = failed.length > 0 || (refusesSkips && skipped.length > 0) ? 1 : 0

/** @param {string} name */
function readStep(name) {
  return { title: name, kind: readFileSync(join(directory, `${name}.step`), 'utf8').trim() }
}

/**
 * One outcome for each test; a file that could not be run, or a suite without a report, is one failure.
 *
 * @param {string} name
 */
function readSuite(name) {
  const report = readReport(name)
  if (report === undefined) return [{ title: `${name} tests: no report`, kind: 'failed' }]
  if (report.testResults.length === 0) return [{ title: `${name} tests: none found`, kind: 'failed' }]
  return report.testResults.flatMap((file) => {
    const broken = file.status === 'failed' && !file.assertionResults.some((test) => test.status === 'failed')
    const outcomes = file.assertionResults.map((test) => ({
      title: test.fullName,
      kind: kindOf(test.status),
      attempts: test.invocations ?? 1,
    }))
    return broken ? [...outcomes, { title: file.name, kind: 'failed' }] : outcomes
  })
}

function readReport(name) {
  try {
    return JSON.parse(readFileSync(join(directory, `${name}.jest`), 'utf8'))
  } catch {
    // Jest was killed or crashed before it wrote the report.
    return undefined
  }
}

/** @param {string} status jest's word for the outcome of a test */
function kindOf(status) {
  if (status === 'passed' || status === 'failed') return status
  return 'skipped'
}
