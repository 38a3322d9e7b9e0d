import { randomBytes } from 'node:crypto';
import { generateSync } from 'otplib';
import { newId } from '#contracts';
import type { ScenarioName } from '../catalogue.ts';
import type { LoadRequest } from '../load.ts';
import type { Call, Rig, Scenario } from '../rig.ts';
import type { SeededUser } from '../seed.ts';

const context = { ip: '203.0.113.7', userAgent: 'Mozilla/5.0 (X11; Linux x86_64) Bench/1.0' };

export const createChallenge = ({ accountId, userId }: SeededUser): LoadRequest => ({
  method: 'POST',
  path: '/v1/challenges',
  body: JSON.stringify({ accountId, userId, purpose: 'login', context }),
});

export const decisions = (rig: Rig): Call => ({
  requests: rig.seeded.plain.map(createChallenge),
  repeat: true,
  expect: { status: 201, text: '"decision":"allow"' },
});

export const smsChallenges = (rig: Rig): Call => ({
  requests: rig.seeded.sms.map(createChallenge),
  repeat: false,
  expect: { status: 201, text: '"deliveryId"' },
});

const appChallenges = (rig: Rig): Call => ({
  requests: rig.seeded.totp.map(createChallenge),
  repeat: false,
  expect: { status: 201, text: '"decision":"challenge"' },
});

/** What comes before a check: decisions, challenges, enrolments. */
export function challengeScenarios(rig: Rig): [ScenarioName, Scenario][] {
  const { sql, seeded } = rig;
  const newcomers = seeded.fresh.map(({ userRef }) => userRef);
  /** They have no devices, as before. */
  const withoutDevices = async () => {
    await rig.clear();
    await sql.query('delete from device where user_id = any ($1)', [newcomers]);
    await sql.query('delete from recovery_pool where user_id = any ($1)', [newcomers]);
    await sql.query('delete from recovery_code where user_id = any ($1)', [newcomers]);
    await sql.query(
      'update app_user set two_factor_since = null, enrolled_at = null where id = any ($1) and enrolled_at is not null',
      [newcomers],
    );
    await sql.query('vacuum (analyze) app_user, recovery_pool, recovery_code');
  };
  const begun: Call = {
    requests: seeded.fresh.map(({ accountId, userId }) => ({
      method: 'POST',
      path: `/v1/accounts/${accountId}/users/${userId}/devices`,
      body: JSON.stringify({ method: 'totp', name: 'App' }),
    })),
    repeat: false,
    expect: { status: 201, text: '"secret"' },
  };

  let unverified: { readonly id: string; readonly secret: Buffer }[] = [];
  const openEnrolments = async () => {
    await withoutDevices();
    unverified = seeded.fresh.map(() => ({ id: newId('device'), secret: randomBytes(20) }));
    await sql.query(
      `insert into device (id, tenant_id, user_id, method, name, status, secret_sealed, totp_algorithm, totp_digits, totp_period, enrolment_expires_at)
       select id, $1, owner, 'totp', 'App', 'unverified', seed, 'sha1', 6, 30, now() + interval '10 minutes'
       from unnest($2::text[], $3::text[], $4::bytea[]) as d(id, owner, seed)`,
      [
        seeded.tenantId,
        unverified.map(({ id }) => id),
        newcomers,
        unverified.map(({ id, secret }) => seeded.sealer.seal('seed', `${seeded.tenantId}:${id}`, secret)),
      ],
    );
    await rig.settle();
  };
  const enrolments = (): Call => {
    const epoch = Math.floor(Date.now() / 1000);
    const requests = unverified.map(({ id, secret }) => ({
      method: 'POST',
      path: `/v1/devices/${id}/verify`,
      body: JSON.stringify({ code: generateSync({ secret, epoch }) }),
    }));
    return { requests, repeat: false, expect: { status: 200, text: '"status":"verified"' } };
  };

  return [
    [
      'decision',
      rig.calling(
        () => rig.clearAndSettle(),
        () => decisions(rig),
      ),
    ],
    [
      'challenge-sms',
      rig.calling(
        () => rig.clearAndSettle(),
        () => smsChallenges(rig),
      ),
    ],
    [
      'challenge-app',
      rig.calling(
        () => rig.clearAndSettle(),
        () => appChallenges(rig),
      ),
    ],
    [
      'enrolment',
      rig.calling(
        async () => {
          await withoutDevices();
          await rig.settle();
        },
        () => begun,
      ),
    ],
    ['enrolment-verify', rig.calling(openEnrolments, enrolments)],
  ];
}
