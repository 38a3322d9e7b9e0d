import { Injectable } from '@nestjs/common';
import { newId } from '#contracts';
import { newRecoveryCodes, systemRandom } from '#auth-core';
import { Pepper } from './pepper.js';

/** A set of recovery codes that is new: what is shown once, and what is kept. */
export interface RecoveryCodeSet {
  readonly setId: string;
  readonly codes: readonly string[];
  readonly macs: readonly Buffer[];
}

/** Makes recovery codes. They count once a statement has written their set down. */
@Injectable()
export class MakeRecoveryCodes {
  constructor(private readonly pepper: Pepper) {}

  /** @param count 0 where the user gets none this time */
  run(userRef: string, count: number): RecoveryCodeSet {
    const codes = newRecoveryCodes(count, systemRandom);
    const macs = codes.map((code) => this.pepper.storedRecoveryCode(userRef, code));
    return { setId: newId('recoverySet'), codes, macs };
  }
}
