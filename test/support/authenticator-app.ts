import { spawnSync } from 'node:child_process';
import { setTimeout as sleep } from 'node:timers/promises';

/** An authenticator app that has scanned a secret. Nobody gets the code of one time step from it twice. */
export class AuthenticatorApp {
  readonly #codeOf: (step: number) => string;
  readonly #periodMs: number;
  readonly #ageStep: (() => Promise<void>) | undefined;
  #lastStep = 0;

  /**
   * @param codeOf the code of a time step, counted from 1970
   * @param periodMs length of a step
   * @param ageStep makes the step that a code was used for last one step older, where tests need not wait for the next
   */
  constructor(codeOf: (step: number) => string, periodMs = 30_000, ageStep?: () => Promise<void>) {
    this.#codeOf = codeOf;
    this.#periodMs = periodMs;
    this.#ageStep = ageStep;
  }

  /** The code that it shows now; after use, one waits for the next, or lets the time pass. */
  async freshCode(): Promise<string> {
    for (;;) {
      const step = Math.floor(Date.now() / this.#periodMs);
      // One step ahead is inside the server's window: nobody has to wait half a minute in a test.
      const next = Math.max(step, this.#lastStep + 1);
      if (next <= step + 1) {
        this.#lastStep = next;
        return this.#codeOf(next);
      }
      if (this.#ageStep) {
        await this.#ageStep();
        this.#lastStep -= 1;
      } else await sleep(200);
    }
  }

  /** What it shows on a phone whose clock is wrong by so many steps. */
  shownOnWrongClock(steps: number): string {
    return this.#codeOf(Math.floor(Date.now() / this.#periodMs) + steps);
  }

  /** What it still shows just after it was used. */
  shownBefore(): string {
    return this.#codeOf(this.#lastStep);
  }
}

export function oathtoolIsHere(): boolean {
  return spawnSync('oathtool', ['--version']).status === 0;
}

/**
 * An app whose codes `oathtool` computes: no library of the product has a say in them.
 * @param scanned an `otpauth://` address as a QR code holds it, or the secret as one types it
 */
export function authenticatorApp(scanned: string): AuthenticatorApp {
  const { searchParams } = new URL(scanned.startsWith('otpauth:') ? scanned : 'otpauth://totp/');
  const secret = searchParams.get('secret') ?? scanned;
  const period = Number(searchParams.get('period') ?? 30);
  const options = [
    `--totp=${(searchParams.get('algorithm') ?? 'SHA1').toLowerCase()}`,
    `--digits=${searchParams.get('digits') ?? 6}`,
    `--time-step-size=${period}s`,
    '--base32',
  ];
  const codeOf = (step: number) => {
    const made = spawnSync('oathtool', [...options, `--now=@${step * period}`, secret], { encoding: 'utf8' });
    if (made.status !== 0) throw new Error(`oathtool makes no code: ${made.error?.message ?? made.stderr}`);
    return made.stdout.trim();
  };
  return new AuthenticatorApp(codeOf, period * 1000);
}
