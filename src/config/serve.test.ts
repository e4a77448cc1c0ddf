import { expect, test } from '@jest/globals'
import { configureServe } from './serve.ts'

test.each([
  ['shop.wsgi', 'shop'],
  ['my site.py', 'my-site'],
  ['pkg.shop:make', 'pkg.shop'],
  // Nothing is left of it, and the name of the server's own log.
  ['_.py', 'application'],
  ['wsgid.py', 'application'],
])('serve names the group of %s as a group can be called: %s', (target, name) => {
  const request = { target, listen: '127.0.0.1:0', user: undefined, runDir: '/run/serve', workingDirectory: '/srv' }
  const result = configureServe(request)
  expect(result.ok && result.configuration.groups.map((group) => group.name)).toEqual([name])
})
