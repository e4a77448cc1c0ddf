import { env } from 'node:process'
import shared from './jest.shared.mjs'

// Real processes: each file starts its own server, two files at a time (the machines have two cores).
export default {
  ...shared,
  roots: ['<rootDir>/test/e2e'],
  testMatch: ['**/*.test.ts'],
  // It measures, which says something on an idle machine only.
  testPathIgnorePatterns: ['/node_modules/', ...(env.WSGID_LONG === '1' ? [] : ['/many-clients\\.test\\.ts$'])],
  testTimeout: 60_000,
  setupFilesAfterEnv: ['<rootDir>/test/support/second-attempt.ts'],
  maxWorkers: 2,
}
