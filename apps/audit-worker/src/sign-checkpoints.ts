import { signCheckpoint } from '#audit-chain';
import { statement, type Database } from '#persistence';
import type { SigningKey } from '#runtime';

/** Seconds between two checkpoints of a tenant. */
const secondsBetween = 60;

/** Events after which the next checkpoint does not wait any longer. */
const eventsBetween = 1000;

// Any fixed number: with it, two workers never sign for the same minute.
const signingLock = 5_113_071_851;

const lockSigning = statement('lock-checkpoint-signing', `select pg_advisory_xact_lock($1)::text`);

// Chains that have grown since their last checkpoint; all of them with $1, else those whose time has come.
const dueChains = statement(
  'read-chains-due-for-checkpoint',
  `select c.tenant_id as "tenantId", c.sequence, c.hash,
     to_char(clock_timestamp() at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.US"Z"') as "signedAt"
   from audit_chain c
   left join lateral (
     select p.sequence, p.signed_at from audit_checkpoint p
     where p.tenant_id = c.tenant_id order by p.sequence desc limit 1
   ) last on true
   where c.sequence > coalesce(last.sequence, 0)
     and ($1::boolean or last.sequence is null
          or last.signed_at <= now() - make_interval(secs => ${secondsBetween})
          or c.sequence - last.sequence >= ${eventsBetween})`,
);

const insertCheckpoints = statement(
  'insert-audit-checkpoints',
  `insert into audit_checkpoint (tenant_id, sequence, hash, signed_at, key_id, signature)
   select * from unnest($1::text[], $2::bigint[], $3::bytea[], $4::timestamptz[], $5::text[], $6::bytea[])
   on conflict do nothing`,
);

interface DueChain {
  readonly tenantId: string;
  readonly sequence: number;
  readonly hash: Buffer;
  readonly signedAt: string;
}

/**
 * Signs what the chains are now: for each that has grown, once a minute, sooner after 1,000 events.
 * @param all also those whose minute is not over yet: what a worker does before it stops
 * @returns how many were signed
 */
export async function signCheckpoints(database: Database, key: SigningKey, all = false): Promise<number> {
  const waiting = await database.query<DueChain>(dueChains, [all]);
  if (waiting.length === 0) return 0;
  return database.transaction(async () => {
    await database.query(lockSigning, [signingLock]);
    // Once more, now that nobody else signs.
    const chains = await database.query<DueChain>(dueChains, [all]);
    const signed = chains.map((chain) => signCheckpoint({ ...chain, keyId: key.id }, key.privateKey));
    await database.query(insertCheckpoints, [
      signed.map((checkpoint) => checkpoint.tenantId),
      signed.map((checkpoint) => checkpoint.sequence),
      signed.map((checkpoint) => checkpoint.hash),
      signed.map((checkpoint) => checkpoint.signedAt),
      signed.map((checkpoint) => checkpoint.keyId),
      signed.map((checkpoint) => checkpoint.signature),
    ]);
    return signed.length;
  });
}
