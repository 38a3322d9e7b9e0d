import { InitialSchema } from './2026-11-22-initial-schema.js';
import { SealerClusterAndAccountPatterns } from './2026-11-23-sealer-cluster-and-account-patterns.js';

/** Every migration, oldest first. */
export const migrations = [InitialSchema, SealerClusterAndAccountPatterns];
