import { InitialSchema } from './2026-11-22-initial-schema.js';
import { AppendOnlyHistory } from './2026-11-23-append-only-history.js';
import { TrustedBrowsers } from './2026-11-25-trusted-browsers.js';
import { PhoneChangeAndImport } from './2026-11-25-phone-change-and-import.js';
import { Passkeys } from './2026-11-25-passkeys.js';
import { CodesLeft } from './2026-11-25-codes-left.js';
import { SendingLimits } from './2026-11-26-sending-limits.js';
import { Orders } from './2026-11-26-orders.js';
import { Authority } from './2026-11-26-authority.js';
import { KnownPlaces } from './2026-11-26-known-places.js';
import { SetAside } from './2026-11-26-set-aside.js';
import { ImportedFields } from './2026-11-26-imported-fields.js';
import { KnownKeys } from './2026-11-26-known-keys.js';
import { ApiKeyFacts } from './2026-11-27-api-key-facts.js';
import { Indexes } from './2026-11-27-indexes.js';
import { migrationNames } from './names.js';

const classes = {
  '2026-11-22-initial-schema': InitialSchema,
  '2026-11-23-append-only-history': AppendOnlyHistory,
  '2026-11-25-trusted-browsers': TrustedBrowsers,
  '2026-11-25-phone-change-and-import': PhoneChangeAndImport,
  '2026-11-25-passkeys': Passkeys,
  '2026-11-25-codes-left': CodesLeft,
  '2026-11-26-sending-limits': SendingLimits,
  '2026-11-26-orders': Orders,
  '2026-11-26-authority': Authority,
  '2026-11-26-known-places': KnownPlaces,
  '2026-11-26-set-aside': SetAside,
  '2026-11-26-imported-fields': ImportedFields,
  '2026-11-26-known-keys': KnownKeys,
  '2026-11-27-api-key-facts': ApiKeyFacts,
  '2026-11-27-indexes': Indexes,
} satisfies Record<(typeof migrationNames)[number], unknown>;

/**
 * How long a change of definitions waits for a table. Whoever comes after it waits behind it, so that it has to give up long
 * before callers do; `migrate` tries again.
 */
export const lockTimeout = '2s';

/** Any of them: none is abstract. */
type MigrationClass = typeof InitialSchema;

function bounded(Kind: MigrationClass): MigrationClass {
  return class extends Kind {
    override getQueries() {
      const queries = super.getQueries();
      // Without a transaction it makes indexes concurrently, and nobody waits behind that.
      return this.isTransactional() ? [`set local lock_timeout = '${lockTimeout}'`, ...queries] : queries;
    }
  };
}

export const migrations = migrationNames.map((name) => ({ name, class: bounded(classes[name]) }));
