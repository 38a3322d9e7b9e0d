import { generateSync } from 'otplib';
import { newId } from '#contracts';
import { passkeyRequestOptions } from '#auth-core';
import { SoftwareAuthenticator } from '../../test/support/software-authenticator.ts';
import type { LoadRequest } from '../load.ts';
import type { Call, Rig, Scenario } from '../rig.ts';
import { benchOrigin, benchParty, type SeededUser } from '../seed.ts';
import type { ScenarioName } from '../catalogue.ts';
import { createChallenge } from './challenges.ts';

/** Users of passkeys; their challenges are many. */
const passkeyUsers = 500;

interface PasskeyUser extends SeededUser {
  readonly key: SoftwareAuthenticator;
}

type AssertionOptions = Parameters<SoftwareAuthenticator['assert']>[0];

/** Answers to challenges, right and wrong. */
export class Checks {
  private readonly rig: Rig;
  private challengeIds: string[] = [];
  private passkeys: PasskeyUser[] | undefined;

  constructor(rig: Rig) {
    this.rig = rig;
  }

  all(): [ScenarioName, Scenario][] {
    const { rig } = this;
    const wrong = () =>
      this.codes((code) => String((Number(code) + 1) % 1_000_000).padStart(6, '0'), 422, '"code_invalid"');
    return [
      ['verify', this.verify()],
      [
        'recovery-code',
        rig.calling(
          () => this.open(),
          () => this.recoveryCodes(),
        ),
      ],
      [
        'passkey',
        rig.calling(
          () => this.openForPasskeys(),
          () => this.assertions(),
        ),
      ],
      ['wrong-code', rig.calling(() => this.open(), wrong)],
      [
        'locked',
        rig.calling(
          () => this.open(`locked_until = now() + interval '1 hour'`),
          () => this.codes((code) => code, 429, '"locked"'),
        ),
      ],
      [
        'mix',
        rig.calling(
          () => this.open(),
          () => this.mixed(),
        ),
      ],
      ['connections-1', this.verify(1)],
      ['connections-8', this.verify(8)],
      ['connections-128', this.verify(128)],
    ];
  }

  verify(connections = this.rig.options.connections): Scenario {
    return this.rig.calling(
      () => this.open(),
      () => this.verifications(),
      () => ({ connections }),
    );
  }

  /** Evenly spaced. @param rate requests a second */
  verifyAt(rate: () => number): Scenario {
    return this.rig.calling(
      () => this.open(),
      () => this.verifications(),
      () => ({ rate: rate() }),
    );
  }

  /**
   * One challenge for each user, and no step used: every request has a right code of its own.
   * @param state of the devices of all users with an app
   */
  async open(state = 'locked_until = null'): Promise<void> {
    const { sql, seeded } = this.rig;
    await this.rig.clear();
    const challengeIds = seeded.totp.map(() => newId('challenge'));
    const users = seeded.totp.map(({ userRef }) => userRef);
    await sql.query(
      `update device set last_used_step = null, wrong_codes = 0, ${state}
       where user_id = any ($1) and (last_used_step is not null or wrong_codes > 0 or locked_until is not null or $2)`,
      [users, !state.endsWith('null')],
    );
    await sql.query('update recovery_code set used_at = null where user_id = any ($1) and used_at is not null', [
      users,
    ]);
    await sql.query('update recovery_pool set codes_left = 10 where user_id = any ($1) and codes_left < 10', [users]);
    await this.insertChallenges(challengeIds, users);
    this.challengeIds = challengeIds;
    await sql.query('vacuum (analyze) recovery_code, recovery_pool');
    await this.rig.settle();
  }

  verifications(): Call {
    return this.codes((code) => code, 200, '"status":"approved"');
  }

  /** @param entered what is made of the right code */
  private codes(entered: (code: string) => string, status: number, text: string): Call {
    const epoch = Math.floor(Date.now() / 1000);
    const requests = this.rig.seeded.totp.map(({ secret }, index) =>
      this.verification(index, { code: entered(generateSync({ secret, epoch })) }),
    );
    return { requests, repeat: false, expect: { status, text } };
  }

  private recoveryCodes(): Call {
    const requests = this.rig.seeded.totp.map(({ recoveryCode }, index) => this.verification(index, { recoveryCode }));
    return { requests, repeat: false, expect: { status: 200, text: '"recoveryCodesLeft":9' } };
  }

  private mixed(): Call {
    const { requests: right, expect } = this.verifications();
    const { requests: recovering } = this.recoveryCodes();
    const { sms } = this.rig.seeded;
    const requests = right.map((request, index): LoadRequest => {
      const place = index % 20;
      const user = sms[index % sms.length];
      if (place % 7 === 0 && user) return { ...createChallenge(user), expect: { status: 201, text: '"deliveryId"' } };
      return place === 1 ? (recovering[index] ?? request) : request;
    });
    return { requests, repeat: false, expect };
  }

  private verification(index: number, body: object): LoadRequest {
    const path = `/v1/challenges/${this.challengeIds[index]}/verify`;
    return { method: 'POST', path, body: JSON.stringify(body) };
  }

  private async insertChallenges(ids: readonly string[], users: readonly string[]): Promise<void> {
    await this.rig.sql.query(
      `insert into challenge (id, tenant_id, user_id, purpose, max_checks, expires_at)
       select id, $1, owner, 'login', 5, now() + interval '10 minutes' from unnest($2::text[], $3::text[]) as c(id, owner)`,
      [this.rig.seeded.tenantId, ids, users],
    );
  }

  private async openForPasskeys(): Promise<void> {
    await this.rig.clear();
    this.passkeys ??= await this.enrolPasskeys();
    const people = this.passkeys;
    const owners = this.rig.seeded.totp.map((_, index) => people[index % people.length]?.userRef ?? '');
    this.challengeIds = owners.map(() => newId('challenge'));
    await this.insertChallenges(this.challengeIds, owners);
    await this.rig.settle();
  }

  /** By the API, as a browser would. */
  private async enrolPasskeys(): Promise<PasskeyUser[]> {
    const { seeded, site } = this.rig;
    const call = async (path: string, body: object) => {
      const response = await fetch(`http://127.0.0.1:${site.gateway.port}${path}`, {
        method: 'POST',
        headers: { authorization: `Bearer ${seeded.apiKey}`, 'content-type': 'application/json' },
        body: JSON.stringify(body),
      });
      const text = await response.text();
      if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
      return JSON.parse(text) as { id: string; webauthn: Parameters<SoftwareAuthenticator['register']>[0] };
    };
    const people: PasskeyUser[] = [];
    for (const user of seeded.keyed.slice(0, passkeyUsers)) {
      // As those of phones, which are the same on all: it does not count.
      const key = new SoftwareAuthenticator('ES256', false);
      const path = `/v1/accounts/${user.accountId}/users/${user.userId}/devices`;
      const { id, webauthn } = await call(path, { method: 'webauthn', name: 'Key' });
      await call(`/v1/devices/${id}/verify`, { webauthn: key.register(webauthn, benchOrigin) });
      people.push({ ...user, key });
    }
    return people;
  }

  private assertions(): Call {
    const { pepper } = this.rig.seeded;
    const people = this.passkeys ?? [];
    const requests = this.challengeIds.map((id, index) => {
      const options = passkeyRequestOptions(benchParty, pepper, id, [], 300) as AssertionOptions;
      return this.verification(index, { webauthn: people[index % people.length]?.key.assert(options, benchOrigin) });
    });
    return { requests, repeat: false, expect: { status: 200, text: '"status":"approved"' } };
  }
}
