/** Every migration, oldest first, known without loading one. Rules for new ones: docs/upgrading.md. */
export const migrationNames = [
  '2026-11-22-initial-schema',
  '2026-11-23-append-only-history',
  '2026-11-25-trusted-browsers',
  '2026-11-25-phone-change-and-import',
  '2026-11-25-passkeys',
  '2026-11-25-codes-left',
  '2026-11-26-sending-limits',
  '2026-11-26-orders',
  '2026-11-26-authority',
  '2026-11-26-known-places',
  '2026-11-26-set-aside',
  '2026-11-26-imported-fields',
  '2026-11-26-known-keys',
  '2026-11-27-api-key-facts',
  '2026-11-27-indexes',
] as const;
