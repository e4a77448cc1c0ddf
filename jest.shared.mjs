// What the unit and the end-to-end configuration share: TypeScript by swc, native ES modules.
export default {
  testEnvironment: 'node',
  // Jest's own cleaning of globals recurses without end when it meets an Emitter of Node twice (a RangeError after the last test).
  testEnvironmentOptions: { globalsCleanup: 'off' },
  extensionsToTreatAsEsm: ['.ts'],
  transform: {
    '^.+\\.ts$': [
      '@swc/jest',
      { jsc: { parser: { syntax: 'typescript' }, target: 'es2022' }, module: { type: 'es6' } },
    ],
  },
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/build/'],
}
