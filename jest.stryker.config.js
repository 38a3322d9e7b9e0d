import all from './jest.config.js';

/** The units of the libs that Stryker changes, and nothing else: see stryker.config.json. */
const [unit] = all.projects;
export default {
  ...unit,
  displayName: 'stryker',
  testMatch: ['<rootDir>/libs/{auth-core,audit-log}/**/*.spec.ts'],
  testTimeout: all.testTimeout,
};
