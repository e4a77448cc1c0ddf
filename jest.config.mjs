import shared from './jest.shared.mjs'

export default { ...shared, roots: ['<rootDir>/src', '<rootDir>/test/unit'], testMatch: ['**/*.test.ts'] }
