import { refuseKey, type Database } from '#persistence';
import { firstPepper, SettingsError, type RotatedKind } from '#runtime';
import { eventForEachTenant } from '../event-for-each-tenant.js';
import { columnsOf, type SealingKind } from './sealed-columns.js';
import { countRecoveryCodes, forgetUnused, readKnownOfKind, retireKnown, type KnownState } from './retire-key.sql.js';
import { keyUses } from './seal-again.js';

/**
 * How long the key that takes the place has to have been in use, in seconds. Proofs are believed for five minutes, and a
 * panel may have been given the set of public keys five minutes before (`cache-control` of the JWK set). Codes and challenges
 * of passkeys live for a quarter of an hour at most.
 */
const overlapSeconds: Partial<Record<RotatedKind, number>> = { proof: 600, pepper: 900 };
const stillInUse: Partial<Record<RotatedKind, string>> = {
  proof: 'proofs signed with the key',
  pepper: 'codes made under the key',
};

interface Retirement {
  readonly database: Database;
  readonly url: string;
  readonly kind: RotatedKind;
  /** The key that has taken its place. */
  readonly active: string;
  /** The key that goes. */
  readonly id: string;
}

export const isSealingKind = (kind: RotatedKind): kind is SealingKind => kind === 'sealing' || kind === 'webhook';

export function knownKeys(database: Database, kind: RotatedKind): Promise<KnownState[]> {
  return database
    .query(readKnownOfKind, { kind })
    .then((keys) => keys.map((key) => ({ ...key, id: key.id || firstPepper })));
}

/**
 * Ends a key in the database: nothing is under it, nothing will be, and every tenant's log says so. To be done before it is
 * taken out of the key files. Run again, it does what is left to do.
 * @throws {SettingsError} where it is still needed, with what to do
 */
export async function retireKey(retirement: Retirement): Promise<void> {
  const { database, kind, active, id } = retirement;
  const known = await knownKeys(database, kind);
  const isUsed = known.some((key) => key.id === id && key.usedSince !== null);
  const successor = known.find((key) => key.id === active);
  if (isUsed && !successor?.usedSince) {
    throw new SettingsError(
      `the ${kind} key "${active}" is active in the key files, but no process has started with it. Restart all processes, then retire "${id}".`,
    );
  }
  if (isSealingKind(kind)) await assertUnused(retirement, kind);
  if (kind === 'pepper') await assertNoRecoveryCodes(database, id);
  const wait = Math.ceil((overlapSeconds[kind] ?? 0) - (successor?.usedFor ?? 0));
  if (isUsed && wait > 0) {
    throw new SettingsError(
      `${stillInUse[kind] ?? ''} "${id}" may still be in use. Retire it in ${wait} seconds, after every gateway was restarted.`,
    );
  }
  if (!isUsed) {
    await database.query(forgetUnused, { kind, id: knownId(id) });
    return;
  }
  await database.query(retireKnown, {
    kind,
    formerId: knownId(id),
    formerName: id,
    id: knownId(active),
    name: active,
    eventIds: await eventForEachTenant(database),
  });
}

/** The first pepper has no id in the database; no other key is called so. */
const knownId = (id: string) => (id === firstPepper ? '' : id);

/** Recovery codes cannot be made anew without showing them to their users: each keeps its key until its set is replaced. */
async function assertNoRecoveryCodes(database: Database, id: string): Promise<void> {
  const under = (await database.query(countRecoveryCodes)).find((use) => (use.keyId ?? firstPepper) === id);
  if (!under) return;
  throw new SettingsError(
    `${under.codes} unused recovery codes of ${under.users} users were made under the pepper "${id}". They would stop working. Retire it when these users have made new ones; until then it stays beside the active one.`,
  );
}

async function assertUnused({ database, url, id, active }: Retirement, kind: SealingKind): Promise<void> {
  const under = (await keyUses(database, kind)).filter(({ keyId }) => keyId === id);
  const values = under.reduce((sum, use) => sum + use.values, 0);
  if (values > 0) {
    const where = under.map((use) => `${use.table}.${use.column}: ${use.values}`).join(', ');
    throw new SettingsError(
      `${values} values are still sealed under the ${kind} key "${id}" (${where}). Run "keys rotate reseal ${kind}" first.`,
    );
  }
  const found = await refuseKey(url, id, columnsOf(kind));
  if (found) {
    throw new SettingsError(
      `a process still seals values under the ${kind} key "${id}" (${found.table}.${found.column}). Restart all processes with the key files in which "${active}" is active, run "keys rotate reseal ${kind}", then retire it.`,
    );
  }
}
