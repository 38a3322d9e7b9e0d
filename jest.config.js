const compiled = (jsc) => ['@swc/jest', { jsc: { target: 'es2024', ...jsc }, sourceMaps: 'inline' }];

/** Sources run as ES modules, compiled by swc; `#contracts` and its like resolve to sources by the `source` condition. */
const shared = {
  rootDir: import.meta.dirname,
  testEnvironment: 'node',
  testEnvironmentOptions: { customExportConditions: ['source', 'node', 'node-addons'] },
  extensionsToTreatAsEsm: ['.ts', '.tsx'],
  moduleFileExtensions: ['js', 'mjs', 'cjs', 'ts', 'tsx', 'json', 'node'],
  // TypeScript writes imports with the suffix of the output.
  // Ours only: some packages have files that really end in `.json.js`.
  moduleNameMapper: { '^(\\.{1,2}/(?!.*\\.json\\.js).*)\\.js$': '$1' },
  transform: {
    '^.+\\.ts$': compiled({
      parser: { syntax: 'typescript', decorators: true },
      transform: { legacyDecorator: true, decoratorMetadata: true },
    }),
    '^.+\\.tsx$': compiled({
      parser: { syntax: 'typescript', tsx: true },
      transform: { react: { runtime: 'automatic', importSource: 'hono/jsx' } },
    }),
  },
  // The compiled copies in dist would be found twice, and so would those that Stryker works on.
  modulePathIgnorePatterns: ['<rootDir>/dist/', '<rootDir>/.stryker-tmp/'],
};

/** One PostgreSQL for the whole run. */
const withServer = {
  globalSetup: '<rootDir>/test/support/start-server.mjs',
  globalTeardown: '<rootDir>/test/support/stop-server.mjs',
};

export default {
  projects: [
    {
      ...shared,
      displayName: 'unit',
      testMatch: ['<rootDir>/{libs,apps,bench}/**/*.spec.ts', '<rootDir>/test/architecture/**/*.spec.ts'],
    },
    {
      ...shared,
      displayName: 'integration',
      testMatch: ['<rootDir>/test/integration/**/*.spec.ts'],
      ...withServer,
    },
    {
      ...shared,
      displayName: 'system',
      testMatch: ['<rootDir>/test/{system,e2e}/**/*.spec.ts'],
      ...withServer,
    },
    {
      ...shared,
      displayName: 'browser',
      testMatch: ['<rootDir>/test/browser/**/*.spec.ts'],
    },
    {
      ...shared,
      displayName: 'faults',
      testMatch: ['<rootDir>/test/faults/**/*.spec.ts'],
      globalSetup: '<rootDir>/test/faults/begin-summary.mjs',
      globalTeardown: '<rootDir>/test/faults/print-summary.mjs',
    },
  ],
  testSequencer: '<rootDir>/test/support/longest-first.mjs',
  testTimeout: 60_000,
};
