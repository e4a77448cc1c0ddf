import shared from './jest.shared.mjs'

// Real processes: each file starts its own server, two files at a time (the machines have two cores).
export default {
  ...shared,
  roots: ['<rootDir>/test/e2e'],
  testMatch: ['**/*.test.ts'],
  testTimeout: 60_000,
  maxWorkers: 2,
}
