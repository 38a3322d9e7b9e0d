/** Every migration, oldest first, known without loading one. Rules for new ones: docs/upgrading.md. */
export const migrationNames = ['2026-11-27-schema'] as const;
