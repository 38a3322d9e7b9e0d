import { InitialSchema } from './2026-11-22-initial-schema.js';

/** Every migration, oldest first. */
export const migrations = [InitialSchema];
