import type { KeyObject } from 'node:crypto';
import { newId } from '#contracts';
import { recoveryCodeMac, verify, type Verdict } from '#auth-core';
import { firstPepper, type PepperKeys } from '#runtime';
import { sealHeader } from '#persistence';

/**
 * Keys of the codes' MACs. They stand in no database. Codes are made under the active one; while keys are rotated, codes
 * that were made before are still checked under theirs, which their ids and stored MACs name. What was made under the first
 * one names none.
 */
export class Pepper {
  constructor(private readonly keys: PepperKeys) {}

  /** The active one. */
  get key(): KeyObject {
    return this.find(this.keys.active) ?? this.keys.lookups;
  }

  /** An id for a new code, from which the key follows that the code is derived under. */
  newCodeId(): string {
    const { active } = this.keys;
    return active === firstPepper ? newId('code') : `${newId('code')}.${active}`;
  }

  /** The key that a sent code is derived under. One that was retired is gone, and its codes are wrong. */
  ofCode(codeId: string): KeyObject {
    const [, keyId = firstPepper] = codeId.split('.');
    return this.find(keyId) ?? this.key;
  }

  /** A recovery code as it is stored: its MAC, behind the id of a key that is not the first. */
  storedRecoveryCode(userRef: string, code: string): Buffer {
    return Buffer.concat([this.headOf(this.keys.active), recoveryCodeMac(this.key, userRef, code)]);
  }

  /** @param stored those of the user that are unused */
  verifyRecoveryCode(userRef: string, stored: readonly Buffer[], input: string, now: Date): Verdict {
    for (const [id, key] of this.keys.keys) {
      const head = this.headOf(id);
      const macs = stored.flatMap((each) => {
        const mac = each.subarray(head.length);
        return mac.length === macBytes && each.subarray(0, head.length).equals(head) ? [mac] : [];
      });
      const verdict = verify({ kind: 'recovery_codes', userId: userRef, macs }, input, now, key);
      if (verdict.result === 'match') return { ...verdict, mac: Buffer.concat([head, verdict.mac ?? Buffer.of()]) };
    }
    return { result: 'wrong' };
  }

  /** What the check of a passkey comes to: its challenge was derived under the active key, or under one before it. */
  async underAny<V extends { readonly result: string }>(check: (key: KeyObject) => Promise<V>): Promise<V> {
    const verdict = await check(this.key);
    if (verdict.result !== 'wrong') return verdict;
    for (const [id, key] of this.keys.keys) {
      if (id === this.keys.active) continue;
      const other = await check(key);
      if (other.result !== 'wrong') return other;
    }
    return verdict;
  }

  private headOf(id: string): Buffer {
    return id === firstPepper ? Buffer.of() : sealHeader(id);
  }

  private find(id: string): KeyObject | undefined {
    return this.keys.keys.get(id);
  }
}

/** Of HMAC-SHA-256. */
const macBytes = 32;
