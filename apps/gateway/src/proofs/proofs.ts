import { createPublicKey, sign, type KeyObject } from 'node:crypto';
import { Injectable } from '@nestjs/common';
import { newId, Problem, type Policy } from '#contracts';
import type { Purpose } from '#auth-core';
import { sql, type Database, type Sealer } from '#persistence';
import { exportJWK, jwtVerify, type JWK } from 'jose';
import { z } from 'zod';
import type { SigningKey } from '#runtime';
import type { Caller } from '../http/caller.js';
import { refusal } from '../refusals/refusals.js';
import { openConfirmed, type Confirmed } from '../rows/confirmed.js';
import type { UserRow } from '../rows/user-row.sql.js';
import { authority, reaches } from './authority.js';
import { selectLimits } from './proofs.sql.js';

/** Seconds that a proof is believed. */
export const proofSeconds = 300;

export const issuer = 'sallyport';

/** What an approved challenge says about itself, and what its user was shown and confirmed. */
export interface ProofClaims extends Confirmed {
  readonly tenantId: string;
  readonly accountId: string;
  readonly userId: string;
  readonly purpose: Purpose;
  readonly challengeId: string;
  /** The front door that asked. */
  readonly application: string | null;
  readonly deviceId: string | null;
  /** RFC 8176. */
  readonly amr: readonly string[];
}

/** A challenge that was approved, as its row says. */
export interface ApprovedChallenge extends Pick<
  ProofClaims,
  'tenantId' | 'accountId' | 'userId' | 'purpose' | 'application'
> {
  readonly challengeId: string | null;
  readonly detailSealed: Buffer | null;
  /** The database's time. */
  readonly now: Date;
}

const claimsSchema = z.object({
  jti: z.string(),
  sub: z.string(),
  acc: z.string(),
  purpose: z.string(),
  chl: z.string(),
  application: z.string().optional(),
  dev: z.string().optional(),
  iat: z.number(),
  exp: z.number(),
});

/** A proof that a protected call took back; the statement of that call decides what it is worth, and writes it down, once. */
export interface TakenProof {
  readonly id: string;
  /** Null where a recovery code approved. */
  readonly deviceId: string | null;
  readonly challengeId: string;
  /** What `useProof` looks at besides, as JSON. */
  readonly grounds: string;
}

/** The values that `useProof` takes; null where no proof is needed. */
export function proofValues(proof: TakenProof | null): {
  readonly proofId: string | null;
  readonly grounds: string | null;
} {
  return { proofId: proof?.id ?? null, grounds: proof?.grounds ?? null };
}

const encode = (part: object) => Buffer.from(JSON.stringify(part)).toString('base64url');

/** Signs proofs and takes them back. */
@Injectable()
export class Proofs {
  /** By their ids: of the key that signs, and of those beside it while keys are rotated. */
  private readonly publicKeys: ReadonlyMap<string, KeyObject>;
  private readonly header: string;

  constructor(
    private readonly key: SigningKey,
    private readonly database: Database,
    private readonly sealer: Sealer,
  ) {
    this.header = encode({ alg: 'EdDSA', typ: 'JWT', kid: key.id });
    const all = [key, ...(key.others ?? [])];
    this.publicKeys = new Map(all.map(({ id, privateKey }) => [id, createPublicKey(privateKey)]));
  }

  /**
   * The proof that a challenge was approved.
   * @param by the device, or null for a recovery code, and its methods (RFC 8176)
   */
  prove(
    challenge: ApprovedChallenge,
    by: { readonly deviceId: string | null; readonly amr: readonly string[] },
  ): string {
    const { tenantId, accountId, userId, purpose, application, detailSealed, now } = challenge;
    const challengeId = challenge.challengeId ?? '';
    const confirmed = openConfirmed(this.sealer, challengeId, detailSealed);
    return this.sign({ tenantId, accountId, userId, purpose, application, challengeId, ...by, ...confirmed }, now);
  }

  /**
   * A JWT (EdDSA, RFC 8037), good for five minutes. Put together here (RFC 7515 §3.1), because the bare signature takes
   * half the CPU time of one through WebCrypto: 54 against 104 µs, the largest single cost of a check.
   * @param now the database's time
   */
  private sign(claims: ProofClaims, now: Date): string {
    const issuedAt = Math.floor(now.getTime() / 1000);
    const body = encode({
      acc: claims.accountId,
      purpose: claims.purpose,
      chl: claims.challengeId,
      ...(claims.application === null ? {} : { application: claims.application }),
      ...(claims.deviceId === null ? {} : { dev: claims.deviceId }),
      amr: claims.amr,
      ...(claims.detail === null ? {} : { detail: claims.detail }),
      ...claims.transaction,
      iss: issuer,
      jti: newId('proof'),
      sub: claims.userId,
      aud: claims.tenantId,
      iat: issuedAt,
      exp: issuedAt + proofSeconds,
    });
    const signed = `${this.header}.${body}`;
    return `${signed}.${sign(null, Buffer.from(signed), this.key.privateKey).toString('base64url')}`;
  }

  /**
   * A compact JWS (RFC 7515) of a document, by the key of the proofs. Its type says that it is none: it has no claims of one
   * either, so nobody takes it for one.
   * @param type media type, without `application/`
   */
  signDocument(document: string, type: string): string {
    const signed = `${encode({ alg: 'EdDSA', typ: type, kid: this.key.id })}.${Buffer.from(document).toString('base64url')}`;
    return `${signed}.${sign(null, Buffer.from(signed), this.key.privateKey).toString('base64url')}`;
  }

  /**
   * Checks what the proof itself says. Whether it was used before, and whether what gave it still may, is for the statement
   * that acts on it.
   * @throws {Problem} `proof_required`, `proof_invalid`
   */
  async take(
    caller: Pick<Caller, 'proof' | 'application'>,
    purpose: Purpose,
    owner: Pick<UserRow, 'tenantId' | 'accountId' | 'userId' | 'now'>,
    policy: Policy,
  ): Promise<TakenProof> {
    const { proof, application } = caller;
    if (proof === null) {
      const detail = `This call needs a proof with the purpose "${purpose}" in the Sallyport-Proof header.`;
      throw refusal(policy, 'proof_required', { detail });
    }
    const claims = await this.read(proof, owner);
    if (!claims || claims.purpose !== purpose || claims.sub !== owner.userId || claims.acc !== owner.accountId) {
      throw refusal(policy, 'proof_invalid');
    }
    if (application !== null && claims.application !== application) {
      throw refusal(policy, 'proof_invalid', {
        detail: `This API key accepts only proofs for its own application: "${application}".`,
      });
    }
    const { jti, chl: challengeId, dev: deviceId = null, exp } = claims;
    const expiresAt = new Date(exp * 1000).toISOString();
    const methods = policy.methods.allowed;
    return { id: jti, deviceId, challengeId, grounds: JSON.stringify({ challengeId, deviceId, expiresAt, methods }) };
  }

  /**
   * `take`, for calls that may be refused for what only their statement knows, as a quota: nobody is asked for a code before
   * that. A call without a proof is tried as if it needed none, and undone.
   * @param attempt the call without a proof; it throws where it is refused
   */
  async takeLast(
    caller: Pick<Caller, 'proof' | 'application'>,
    purpose: Purpose,
    owner: Pick<UserRow, 'tenantId' | 'accountId' | 'userId' | 'now'>,
    policy: Policy,
    attempt: () => Promise<unknown>,
  ): Promise<TakenProof> {
    if (caller.proof === null) {
      try {
        await this.database.rehearse(attempt);
      } catch (error) {
        if (!(error instanceof Problem) || error.code !== 'proof_invalid') throw error;
      }
    }
    return this.take(caller, purpose, owner, policy);
  }

  /**
   * Why a statement did not use a proof up.
   * @param reach applications that the act concerns; null is all
   */
  async refused(proof: TakenProof | null, policy: Policy, reach: readonly string[] | null): Promise<Problem> {
    const deviceId = proof?.deviceId ?? null;
    const device = deviceId === null ? undefined : await this.database.one(selectLimits, { deviceId });
    return reaches(device?.applications ?? null, reach) ? refusal(policy, 'proof_invalid') : refuseLimited(policy);
  }

  /** The public keys, as a JWK set (RFC 7517). */
  async jwks(): Promise<{ keys: JWK[] }> {
    const shown = async ([kid, key]: [string, KeyObject]): Promise<JWK> => {
      return { ...(await exportJWK(key)), kid, alg: 'EdDSA', use: 'sig' };
    };
    return { keys: await Promise.all([...this.publicKeys].map(shown)) };
  }

  private publicKeyOf(kid: string): KeyObject {
    const key = this.publicKeys.get(kid);
    if (!key) throw new TypeError('No key of ours has this id.');
    return key;
  }

  private async read(proof: string, owner: { tenantId: string; now: Date }) {
    try {
      const { payload } = await jwtVerify(proof, ({ kid = '' }) => this.publicKeyOf(kid), {
        algorithms: ['EdDSA'],
        issuer,
        audience: owner.tenantId,
        currentDate: owner.now,
      });
      return claimsSchema.parse(payload);
    } catch {
      return undefined;
    }
  }
}

/** The refusal of what a device that serves some applications only cannot allow. */
export function refuseLimited(policy: Policy): Problem {
  return refusal(policy, 'proof_invalid', {
    detail:
      'The device that gave this proof serves some applications only, and can allow nothing beyond them. Use a device that serves all of them.',
    wordsFor: 'limited_device',
  });
}

/**
 * The part of a statement that uses a proof up: `proof` yields a row if none was to be used, or if it was still unused,
 * fits, and has its authority still.
 * @param id placeholder of `TakenProof.id`
 * @param grounds placeholder of `TakenProof.grounds`
 * @param by.user our id of the user
 * @param by.gate query, called `g`, without whose row the proof is left unused
 * @param by.reach applications that the act concerns; null is all
 */
export function useProof(
  id: string,
  grounds: string,
  by: { purpose: Purpose; user: string; gate: string; reach: string },
): string {
  return sql`
  ${authority('given', { approval: sql`(${grounds}::jsonb ->> 'challengeId')`, user: by.user, methods: sql`(${grounds}::jsonb -> 'methods')` })},
  used as (
    insert into used_proof (id, expires_at)
    select ${id}::text, (${grounds}::jsonb ->> 'expiresAt')::timestamptz from ${by.gate} g, given a
    where a.purpose = '${by.purpose}' and a.approved_device_id is not distinct from ${grounds}::jsonb ->> 'deviceId'
      -- Switched off since, it counts no more, even where the devices were kept.
      and a.ended_at > coalesce(a.trust_revoked_at, '-infinity')
      and (a.applications is null or ${by.reach} <@ a.applications)
    on conflict (id) do nothing
    returning id
  ),
  proof as (select true as ok where ${id}::text is null or exists (select from used))`;
}
