import { describe, expect, test } from '@jest/globals';
import { decodeJwt } from 'jose';
import { totp, type TestUser } from '../../support/gateway-harness.js';
import type { Answer } from '../../support/system.js';
import { countEvents, inParallel, raceBehind, tally } from '../../support/parallel.js';
import {
  beginApp,
  decide,
  off,
  on,
  oneByOne,
  panel,
  prove,
  reset,
  rowsOf,
  setPolicy,
  shown,
} from '../../support/withdrawals.js';
import { statementsOf } from '../../support/statements-of.js';

const holdUser = ({ userId }: TestUser) => ({
  text: 'select from app_user where external_id = $1 for update',
  values: [userId],
});
const holdDevice = (id: string) => ({ text: 'select from device where id = $1 for update', values: [id] });
const holdChallenge = (id: string) => ({ text: 'select from challenge where id = $1 for update', values: [id] });
const nothing = { device: 0, recovery_pool: 0, recovery_code: 0, trusted_browser: 0 };

/** What takes two-factor authentication away. */
const withdrawals: Record<string, { policy: object; act: (user: TestUser, proof: string) => Promise<Answer> }> = {
  'off, the devices kept': { policy: {}, act: off },
  'off, the devices removed': { policy: { twoFactor: { onDisable: 'remove' } }, act: off },
  reset: { policy: {}, act: reset },
};

describe.each(Object.entries(withdrawals))('%s', (what, { policy, act }) => {
  const kept = what === 'off, the devices kept';

  async function setUp() {
    const user = await panel.totpUser();
    await setPolicy(user, { ...policy, trustedBrowser: { allowed: true } });
    const proof = await panel.proof(user, 'disable');
    const challenge = await panel.challenge(user);
    await panel.sql('update device set last_used_step = null where id = $1', [user.deviceId]);
    const approve = () =>
      panel.call('POST', `/v1/challenges/${challenge}/verify`, { code: totp(user.secret), rememberBrowser: true });
    return { user, challenge, approve, withdraw: () => act(user, proof) };
  }

  test('against an approval that is under way: approved before, and its browser trusted no more', async () => {
    const { user, challenge, approve, withdraw } = await setUp();
    let answers: Answer[] = [];
    const names = await statementsOf(async () => {
      answers = await oneByOne(holdChallenge(challenge), approve, withdraw);
    });
    expect(tally(answers)).toEqual({ '200': 2 });
    expect(names.toSorted()).toEqual([
      'challenge.totp-approve-and-remember',
      'challenge.verify-read',
      'two-factor.read',
      'two-factor.withdraw',
    ]);
    const { trustedBrowser } = answers[0]?.body ?? {};
    expect(trustedBrowser).toEqual(expect.any(String));
    expect((await panel.call('GET', `/v1/challenges/${challenge}`)).body.status).toBe('approved');
    expect((await shown(user)).twoFactor.status).toBe('disabled');
    if (kept) expect((await on(user)).status).toBe(200);
    else expect(await rowsOf(user)).toEqual(nothing);
    await setPolicy(user, { twoFactor: { required: 'all' }, trustedBrowser: { allowed: true } });
    expect((await decide(user, { trustedBrowser })).decision).toBe(kept ? 'challenge' : 'enroll');
    expect((await panel.call('GET', `${user.path}/trusted-browsers`)).body.data).toEqual([]);
  });

  test('against an approval that comes after: the challenge has ended, and nothing was charged', async () => {
    const { user, challenge, approve, withdraw } = await setUp();
    const answers = await oneByOne(holdChallenge(challenge), withdraw, approve);
    expect(tally(answers)).toEqual({ '200': 1, '409 challenge_not_pending': 1 });
    expect((await panel.call('GET', `/v1/challenges/${challenge}`)).body.status).toBe('canceled');
    expect(await countEvents(panel, user.userId, 'challenge.canceled')).toBe(1);
    expect(await countEvents(panel, user.userId, 'challenge.rejected')).toBe(0);
    if (kept) {
      const [device] = await panel.sql(
        'select last_used_step as step, wrong_codes as wrong from device where id = $1',
        [user.deviceId],
      );
      expect(device).toEqual({ step: null, wrong: 0 });
    }
  });

  test('twice at once is once', async () => {
    const { user, withdraw } = await setUp();
    const answers = await raceBehind(panel, holdUser(user), { waiting: 2, start: () => [withdraw(), withdraw()] });
    expect(tally(answers)).toEqual({ '200': 2 });
    expect(await countEvents(panel, user.userId, 'device.removed')).toBe(kept ? 0 : 1);
    // An administrator who resets twice has done so twice.
    const type = what === 'reset' ? 'two_factor.reset' : 'two_factor.disabled';
    expect(await countEvents(panel, user.userId, type)).toBe(what === 'reset' ? 2 : 1);
    expect((await shown(user)).twoFactor).toEqual({ status: 'disabled', since: null });
  });

  test('against the beginning of an enrolment: it was there, or it comes after', async () => {
    const { user, withdraw } = await setUp();
    const headers = { 'sallyport-proof': await panel.proof(user, 'add_device') };
    const add = () => panel.call('POST', `${user.path}/devices`, { method: 'totp', name: 'Second' }, headers);
    const [added, withdrawn] = await oneByOne(holdUser(user), add, withdraw);
    expect([added?.status, withdrawn?.status]).toEqual([201, 200]);
    expect(await shown(user)).toMatchObject({ twoFactor: { status: 'disabled' }, recoveryCodesLeft: kept ? 10 : 0 });
    const proved = await prove({ id: added?.body.id, secret: added?.body.totp.secret });
    const after = await shown(user);
    expect(after.twoFactor.status).toBe('disabled');
    const verified = after.devices.filter(({ status }: { status: string }) => status === 'verified');
    // Beside a kept device it is one more. It does not outlive the one that allowed it.
    expect([proved.status, verified.length, after.recoveryCodesLeft]).toEqual(kept ? [200, 2, 10] : [410, 0, 0]);
  });

  test('against the proof of another device: it goes too, or is not there any more', async () => {
    for (const order of ['proof first', 'withdrawal first']) {
      const { user, withdraw } = await setUp();
      const second = await beginApp(user);
      const calls = [() => prove(second), withdraw];
      const answers = await oneByOne(holdDevice(second.id), ...(order === 'proof first' ? calls : calls.toReversed()));
      const after = await shown(user);
      expect(after.twoFactor.status).toBe('disabled');
      if (kept) {
        expect(tally(answers)).toEqual({ '200': 2 });
        expect(after.devices).toMatchObject([{ status: 'verified' }, { status: 'verified' }]);
      } else {
        expect(tally(answers)).toEqual(order === 'proof first' ? { '200': 2 } : { '200': 1, '404 not_found': 1 });
        expect(await rowsOf(user)).toEqual(nothing);
      }
    }
  });
});

describe('a proof for switching off', () => {
  test('T29 in 20 parallel calls switches off once, and is used', async () => {
    const user = await panel.totpUser();
    const proof = await panel.proof(user, 'disable');
    const answers = await inParallel(20, () => off(user, proof));
    expect(tally(answers)).toEqual({ '200': 20 });
    expect(await countEvents(panel, user.userId, 'two_factor.disabled')).toBe(1);
    await on(user);
    expect(tally([await off(user, proof)])).toEqual({ '422 proof_invalid': 1 });
  });

  test('of two at once, one stays unused', async () => {
    const user = await panel.totpUser();
    const proofs = [await panel.proof(user, 'disable'), await panel.proof(user, 'disable')];
    const answers = await raceBehind(panel, holdUser(user), {
      waiting: 2,
      start: () => proofs.map((proof) => off(user, proof)),
    });
    expect(tally(answers)).toEqual({ '200': 2 });
    const used = await panel.sql('select from used_proof where id = any ($1)', [
      proofs.map((proof) => decodeJwt(proof).jti),
    ]);
    expect(used).toHaveLength(1);
  });

  test('T29 in parallel with another call that takes the same one is used once', async () => {
    const user = await panel.totpUser();
    const proof = await panel.proof(user, 'disable');
    const cycles = await inParallel(6, async () => {
      const answer = await off(user, proof);
      await on(user);
      return answer;
    });
    for (const { status, body } of cycles) expect([200, 422]).toContain(body.code === 'proof_invalid' ? 422 : status);
    expect(await countEvents(panel, user.userId, 'two_factor.disabled')).toBe(1);
  });
});

describe('a reset', () => {
  test('against the proof of the very first device leaves nothing of it, its recovery codes included', async () => {
    const user = await panel.user();
    const begun = (await panel.call('POST', `${user.path}/devices`, { method: 'totp', name: 'App' })).body;
    const first = { id: begun.id, secret: begun.totp.secret };
    const answers = await oneByOne(
      holdDevice(first.id),
      () => prove(first),
      () => reset(user),
    );
    expect(tally(answers)).toEqual({ '200': 2 });
    expect(answers[0]?.body.recoveryCodes).toHaveLength(10);
    expect(await rowsOf(user)).toEqual(nothing);
    expect(await shown(user)).toMatchObject({ twoFactor: { status: 'disabled', since: null }, recoveryCodesLeft: 0 });
    expect(await countEvents(panel, user.userId, 'device.removed')).toBe(1);
    expect(await countEvents(panel, user.userId, 'two_factor.reset')).toBe(1);
  });

  test('against new recovery codes leaves none', async () => {
    for (const order of ['codes first', 'reset first']) {
      const user = await panel.totpUser();
      const headers = { 'sallyport-proof': await panel.proof(user, 'regenerate_recovery_codes') };
      const calls = [() => panel.call('POST', `${user.path}/recovery-codes`, undefined, headers), () => reset(user)];
      const hold = {
        text: 'select from recovery_pool p join app_user u on u.id = p.user_id where u.external_id = $1 for update of p',
        values: [user.userId],
      };
      const answers = await oneByOne(hold, ...(order === 'codes first' ? calls : calls.toReversed()));
      const refused = { '200': 1, '422 proof_invalid': 1 };
      expect(tally(answers)).toEqual(order === 'codes first' ? { '201': 1, '200': 1 } : refused);
      expect(await shown(user)).toMatchObject({
        twoFactor: { status: 'disabled' },
        devices: [],
        recoveryCodesLeft: 0,
      });
    }
  });

  test('against the erasure of the user: both end, nothing is left', async () => {
    for (const order of ['reset first', 'erasure first']) {
      const user = await panel.totpUser();
      const calls = [() => reset(user), () => panel.call('DELETE', user.path)];
      const answers = await oneByOne(
        holdDevice(user.deviceId),
        ...(order === 'reset first' ? calls : calls.toReversed()),
      );
      const statuses = answers.map(({ status }) => status);
      expect(statuses).toEqual(order === 'reset first' ? [200, 204] : [204, 404]);
      expect((await panel.call('GET', user.path)).status).toBe(404);
    }
  });
});

describe('switching on', () => {
  test('against the removal of the only kept device: on with it, or off without', async () => {
    for (const order of ['on first', 'removal first']) {
      const user = await panel.totpUser();
      await off(user, await panel.proof(user, 'disable'));
      const calls = [() => on(user), () => panel.call('DELETE', `/v1/devices/${user.deviceId}`)];
      const answers = await oneByOne(holdDevice(user.deviceId), ...(order === 'on first' ? calls : calls.toReversed()));
      const after = await shown(user);
      if (order === 'on first') {
        expect(tally(answers)).toEqual({ '200': 1, '409 last_device': 1 });
        expect(after).toMatchObject({ twoFactor: { status: 'enabled' }, devices: [{ status: 'verified' }] });
      } else {
        expect(tally(answers)).toEqual({ '204': 1, '409 device_not_verified': 1 });
        expect(after).toMatchObject({ twoFactor: { status: 'disabled' }, devices: [] });
      }
    }
  });

  test('twice at once is once', async () => {
    const user = await panel.totpUser();
    await off(user, await panel.proof(user, 'disable'));
    const answers = await raceBehind(panel, holdUser(user), { waiting: 2, start: () => [on(user), on(user)] });
    expect(tally(answers)).toEqual({ '200': 2 });
    expect(answers[0]?.body).toEqual(answers[1]?.body);
    expect(await countEvents(panel, user.userId, 'two_factor.enabled')).toBe(2);
  });
});

describe('a device that goes', () => {
  test('takes along a browser that it is just making trusted', async () => {
    const user = await panel.totpUser();
    await setPolicy(user, { trustedBrowser: { allowed: true } });
    const second = await beginApp(user);
    expect((await prove(second)).status).toBe(200);
    const proof = await panel.proof(user, 'remove_device');
    const challenge = await panel.challenge(user);
    await panel.sql('update device set last_used_step = null where id = $1', [second.id]);
    const body = { deviceId: second.id, code: totp(second.secret), rememberBrowser: true };
    const [approved, removed] = await oneByOne(
      holdChallenge(challenge),
      () => panel.call('POST', `/v1/challenges/${challenge}/verify`, body),
      () => panel.call('DELETE', `/v1/devices/${second.id}`, undefined, { 'sallyport-proof': proof }),
    );
    expect([approved?.status, removed?.status]).toEqual([200, 204]);
    const { trustedBrowser } = approved?.body ?? {};
    expect(trustedBrowser).toEqual(expect.any(String));
    expect((await decide(user, { trustedBrowser })).decision).toBe('challenge');
    expect(await rowsOf(user)).toMatchObject({ device: 1, trusted_browser: 0 });
  });
});
