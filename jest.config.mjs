import shared from './jest.shared.mjs'

// A bound for hangs, not a measure: some tests start other programs, and the machines are busy.
export default {
  ...shared,
  roots: ['<rootDir>/src', '<rootDir>/test/unit'],
  testMatch: ['**/*.test.ts'],
  testTimeout: 60_000,
}
