import { expect, test } from '@jest/globals'
import { lookUpAccounts, lookUpGroups, lookUpMemberships } from './accounts.ts'

test('accounts and groups are found by name and by number; what does not exist is absent', async () => {
  const root = { name: 'root', uid: 0, gid: 0 }
  expect(await lookUpAccounts(['root', 'nosuchuser', '4200000000'])).toEqual([expect.objectContaining(root)])
  expect(await lookUpAccounts(['0'])).toEqual([expect.objectContaining(root)])
  expect(await lookUpAccounts(['-not-an-option'])).toEqual([])
  expect(await lookUpGroups(['root', 'nosuchgroup'])).toEqual([{ name: 'root', gid: 0 }])
  expect([...(await lookUpMemberships(['root'])).keys()]).toEqual(['root'])
  expect(await lookUpAccounts([])).toEqual([])
})
