import { expect, test } from '@jest/globals'
import { renderPlace } from '../config/diagnostics.ts'
import { aConfiguration, someFacts, type Machine } from '../../test/support/facts.ts'
import { makePlan } from './make-plan.ts'

function errors(script: string, on: Machine = {}, directories = '[/srv/scripts, sites]'): readonly string[] {
  const group = `user: trac\napplications: [{ script: ${script} }]`
  const configuration = aConfiguration({ a: group }, `script-directories: ${directories}`)
  const result = makePlan(configuration, someFacts(configuration, on))
  return result.ok ? [] : result.diagnostics.map((each) => `${renderPlace(each)}: ${each.what}`)
}

test.each(['/srv/scripts/a.wsgi', '/srv/scripts/deep/er/a.wsgi', '/etc/wsgid/sites/a.wsgi'])(
  '%s is permitted',
  (script) => {
    expect(errors(script)).toEqual([])
  },
)

test.each(['/srv/a.wsgi', '/srv/scripts-too/a.wsgi', '/srv/scripts/../a.wsgi'])(
  '%s is an error that names its place and that of script-directories',
  (script) => {
    const path = script.replace('scripts/../', '')
    expect(errors(script)).toEqual([
      `groups.d/a.yaml:2:26: script "${path}" stands in none of the script-directories of wsgid.yaml:1:21`,
    ])
  },
)

test('a directory that does not exist is an error', () => {
  expect(errors('/srv/scripts/a.wsgi', { files: { '/etc/wsgid/sites': null } })).toEqual([
    'wsgid.yaml:1:21: script-directories: there is no "/etc/wsgid/sites"',
  ])
})
