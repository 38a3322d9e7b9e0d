import { describe, expect, test } from '@jest/globals';
import { totp, type TestUser } from '../../support/gateway-harness.js';
import type { Answer } from '../../support/system.js';
import { countersOf, countEvents, inParallel, raceBehind, tally } from '../../support/parallel.js';
import { addApp, check, devicesOf, holdChallenge, panel, remove } from '../../support/opposed-calls.js';

const holdPool = ({ userId }: TestUser) => ({
  text: 'select from recovery_pool p join app_user u on u.id = p.user_id where u.external_id = $1 for update of p',
  values: [userId],
});

describe('recovery codes', () => {
  test('T30 the last recovery code in 100 parallel checks is accepted once', async () => {
    const user = await panel.totpUser();
    for (const code of user.recoveryCodes.slice(1)) {
      expect((await check(await panel.challenge(user), { recoveryCode: code })).status).toBe(200);
    }
    const challenges = await inParallel(100, () => panel.challenge(user), 16);
    const recoveryCode = user.recoveryCodes[0];
    const answers = await inParallel(100, (index) => check(challenges[index] ?? '', { recoveryCode }), 100);
    const counts = tally(answers);
    expect(counts['200']).toBe(1);
    expect(answers.find(({ status }) => status === 200)?.body.recoveryCodesLeft).toBe(0);
    expect(Object.keys(counts).toSorted()).toEqual(['200', '422 recovery_code_invalid']);
    expect(await countEvents(panel, user.userId, 'recovery_code.used')).toBe(10);
    expect((await panel.call('GET', `${user.path}/recovery-codes`)).body.left).toBe(0);
  });

  test('T30 two recovery codes at once are both accepted, and each answer counts what is left', async () => {
    const user = await panel.totpUser();
    const challenges = await inParallel(2, () => panel.challenge(user));
    const answers = await raceBehind(panel, holdPool(user), {
      waiting: 2,
      start: () => challenges.map((id, index) => check(id, { recoveryCode: user.recoveryCodes[index] })),
    });
    expect(tally(answers)).toEqual({ '200': 2 });
    expect(answers.map(({ body }) => body.recoveryCodesLeft).toSorted()).toEqual([8, 9]);
  });

  test('T30 a new set against the check of a code of the old one: the new one is whole', async () => {
    const user = await panel.totpUser();
    const spent = await check(await panel.challenge(user), { recoveryCode: user.recoveryCodes[0] });
    expect(spent.body.recoveryCodesLeft).toBe(9);
    const proof = await panel.proof(user, 'regenerate_recovery_codes');
    const challenge = await panel.challenge(user);
    const answers = await raceBehind(panel, holdPool(user), {
      waiting: 2,
      start: () => [
        panel.call('POST', `${user.path}/recovery-codes`, {}, { 'sallyport-proof': proof }),
        check(challenge, { recoveryCode: user.recoveryCodes[1] }),
      ],
    });
    expect(answers[0]?.status).toBe(201);
    expect((await panel.call('GET', `${user.path}/recovery-codes`)).body.left).toBe(10);
  });

  test('T30 two new sets at once leave one whole set', async () => {
    const user = await panel.totpUser();
    const purpose = 'regenerate_recovery_codes';
    const proofs = [await panel.proof(user, purpose), await panel.proof(user, purpose)];
    const answers = await raceBehind(panel, holdPool(user), {
      waiting: 2,
      start: () =>
        proofs.map((proof) => panel.call('POST', `${user.path}/recovery-codes`, {}, { 'sallyport-proof': proof })),
    });
    expect(tally(answers)).toEqual({ '201': 2 });
    expect((await panel.call('GET', `${user.path}/recovery-codes`)).body.left).toBe(10);
    const accepted: number[] = [];
    for (const codes of [...answers.map(({ body }) => body.recoveryCodes as string[]), user.recoveryCodes]) {
      let good = 0;
      for (const recoveryCode of codes) {
        if ((await check(await panel.challenge(user), { recoveryCode })).status === 200) good += 1;
        await panel.sql('update recovery_pool set wrong_codes = 0');
      }
      accepted.push(good);
    }
    expect(accepted.slice(0, 2).toSorted((a, b) => a - b)).toEqual([0, 10]);
    expect(accepted[2]).toBe(0);
  });
});

describe('challenges', () => {
  test('a check against a cancel: one of them wins', async () => {
    const wins = { approved: 0, canceled: 0 };
    const user = await panel.totpUser();
    for (const order of ['check first', 'cancel first']) {
      const challenge = await panel.challenge(user);
      await panel.sql('update device set last_used_step = null where id = $1', [user.deviceId]);
      const checking = { start: () => [check(challenge, { code: totp(user.secret) })] };
      const canceling = { start: () => [panel.call('POST', `/v1/challenges/${challenge}/cancel`)] };
      const steps = order === 'check first' ? [checking, canceling] : [canceling, checking];
      const answers = await raceBehind(
        panel,
        holdChallenge(challenge),
        ...steps.map((step, index) => ({ ...step, waiting: index + 1 })),
      );
      expect(tally(answers)).toEqual({ '200': 1, '409 challenge_not_pending': 1 });
      const { status } = (await panel.call('GET', `/v1/challenges/${challenge}`)).body as {
        status: 'approved' | 'canceled';
      };
      wins[status] += 1;
      // A cancel that wins costs neither a step nor an attempt.
      const [device] = await panel.sql<{ step: number | null }>(
        'select last_used_step as step from device where id = $1',
        [user.deviceId],
      );
      expect(device?.step === null).toBe(status === 'canceled');
      expect((await countersOf(panel, user.deviceId)).wrongCodes).toBe(0);
    }
    expect(wins.approved + wins.canceled).toBe(2);
  });
});

describe('proofs', () => {
  const once = async (answers: Promise<Answer[]>, success: string) => {
    expect(tally(await answers)).toEqual({ [success]: 1, '422 proof_invalid': 19 });
  };

  test('T29 one proof in 20 parallel calls makes one set of recovery codes', async () => {
    const user = await panel.totpUser();
    const headers = { 'sallyport-proof': await panel.proof(user, 'regenerate_recovery_codes') };
    await once(
      inParallel(20, () => panel.call('POST', `${user.path}/recovery-codes`, {}, headers)),
      '201',
    );
    expect(await countEvents(panel, user.userId, 'recovery_codes.generated')).toBe(2);
  });

  test('T29 one proof in 20 parallel calls adds one device', async () => {
    const user = await panel.totpUser();
    const headers = { 'sallyport-proof': await panel.proof(user, 'add_device') };
    const body = { method: 'totp', name: 'Second' };
    await once(
      inParallel(20, () => panel.call('POST', `${user.path}/devices`, body, headers)),
      '201',
    );
    expect(await devicesOf(user)).toHaveLength(2);

    const phone = { method: 'sms', name: 'Phone', phone: '+31612340402' };
    const another = { 'sallyport-proof': await panel.proof(user, 'add_device') };
    await once(
      inParallel(20, () => panel.call('POST', `${user.path}/devices`, phone, another)),
      '201',
    );
    const [sent] = await panel.sql(
      `select count(*)::int as n from delivery d join app_user u on u.id = d.user_id where u.external_id = $1`,
      [user.userId],
    );
    expect(sent).toEqual({ n: 1 });
  });

  test('T29 one proof removes one of several devices', async () => {
    const user = await panel.totpUser();
    const others = [await addApp(user), await addApp(user), await addApp(user)];
    const proof = await panel.proof(user, 'remove_device');
    const answers = await inParallel(20, (index) => remove(others[index % 3]?.deviceId ?? '', proof));
    const counts = tally(answers);
    expect(counts['204']).toBe(1);
    expect(await devicesOf(user)).toHaveLength(3);
    for (const { status } of answers) expect([204, 404, 422]).toContain(status);
  });
});
