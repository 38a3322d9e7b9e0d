import { describe, expect, test } from '@jest/globals';
import { deliveryRow, eventNames, events, newId } from '#contracts';
import { announceLockout } from '../../../apps/lockout-worker/src/announce-lockout.js';
import { notifyOwner } from '../../../apps/lockout-worker/src/notify-owner.js';
import {
  type User,
  addAccount,
  addEvent,
  addLockout,
  addUser,
  addressees,
  announceJob,
  database,
  jobsLeft,
  notices,
  rows,
  sealer,
  sql,
} from '../../support/lockout-jobs.js';

describe('telling owners what changed', () => {
  const notify = (eventId: string) => notifyOwner({ database, sealer }, { eventId, requestId: 'req_7' });
  const tell = (user: User, type: string, data: object = {}) => addEvent(user, type, data, 'notify-owner');
  const time = expect.stringMatching(/^\d{4}-\d\d-\d\dT[\d:.]+Z$/);
  const device = { deviceId: 'dev_gone', method: 'sms' };

  async function addDevice(user: User): Promise<string> {
    const id = newId('device');
    await sql.query(
      `insert into device (id, tenant_id, user_id, method, name, status, verified_at, enrolment_expires_at)
       values ($1, 'tnt_1', $2, 'totp', 'Work phone', 'verified', now(), now())`,
      [id, user.id],
    );
    return id;
  }

  test('every event that means to tell has a notice, and the other way round', () => {
    const rowsOfCatalogue: Readonly<Record<string, { jobs: readonly string[]; notice?: string }>> = events;
    const telling = eventNames.filter((name) => rowsOfCatalogue[name]?.jobs.includes('notify-owner'));
    const named = eventNames.filter((name) => rowsOfCatalogue[name]?.notice !== undefined);
    expect(telling).toEqual(named);
    expect(telling).toEqual(
      expect.arrayContaining(['device.verified', 'device.removed', 'recovery_code.used', 'user.email_changed']),
    );
  });

  test('names a new device, once, however often the job runs', async () => {
    const user = await addUser(await addAccount('acme', { sms: { brand: 'Acme' } }, 'sk'), 'anna');
    const deviceId = await addDevice(user);
    const eventId = await tell(user, 'device.verified', { deviceId, method: 'totp' });
    await Promise.all(Array.from({ length: 10 }, () => notify(eventId)));
    await notify(eventId);
    expect(await notices()).toEqual([
      {
        id: expect.stringMatching(/^dlv_/),
        deviceId,
        requestId: 'req_7',
        payload: {
          kind: 'notice',
          notice: 'device_added',
          to: 'anna@example.com',
          brand: 'Acme',
          locale: 'sk',
          facts: { time, deviceName: 'Work phone', method: 'totp' },
          supportContact: null,
        },
      },
    ]);
    expect(await jobsLeft()).toEqual([]);
  });

  test('says so where that device switched two-factor authentication on', async () => {
    const user = await addUser(await addAccount('acme'), 'anna');
    const deviceId = await addDevice(user);
    await sql.query(
      'update app_user u set two_factor_since = d.verified_at from device d where d.id = $1 and u.id = d.user_id',
      [deviceId],
    );
    await notify(await tell(user, 'device.verified', { deviceId, method: 'totp' }));
    expect((await notices())[0]?.payload).toMatchObject({ facts: { first: 'yes' } });
  });

  test.each([
    ['device.removed', { ...device, reason: 'requested' }, 'device_removed', { time, method: 'sms' }],
    ['device.removed', { ...device, reason: 'replaced' }, 'device_removed', { time, method: 'sms' }],
    ['recovery_code.used', { challengeId: 'chl_1', left: 3 }, 'recovery_code_used', { time, left: '3' }],
    ['user.email_changed', {}, 'email_changed', { time }],
  ])('of %s with %j', async (type, data, notice, facts) => {
    const user = await addUser(await addAccount('acme'), 'anna');
    await notify(await tell(user, type, data));
    const [written, ...more] = await notices();
    expect(written).toMatchObject({ deviceId: null, payload: { notice, locale: 'en' } });
    expect(written?.payload['facts']).toEqual(facts);
    expect(more).toEqual([]);
  });

  test.each([
    ['device.removed', { ...device, reason: 'enrolment_canceled' }],
    ['device.removed', { ...device, reason: 'reset' }],
    ['an.event_of_a_later_version', {}],
    ['challenge.approved', {}],
  ])('nothing of %s with %j, and is done', async (type, data) => {
    const user = await addUser(await addAccount('acme'), 'anna');
    await notify(await tell(user, type, data));
    expect(await notices()).toEqual([]);
    expect(await jobsLeft()).toEqual([]);
  });

  test.each([
    ['device.verified', 'deviceAdded'],
    ['device.removed', 'deviceRemoved'],
    ['recovery_code.used', 'recoveryCodeUsed'],
    ['user.email_changed', 'emailChanged'],
  ] as const)('nothing of %s where the policy has %s off', async (type, name) => {
    const account = await addAccount('acme', { notices: { [name]: false } });
    const others = await addAccount('other', {
      notices: {
        deviceAdded: false,
        deviceRemoved: false,
        recoveryCodeUsed: false,
        emailChanged: false,
        lockout: false,
        [name]: true,
      },
    });
    const data = { ...device, reason: 'requested', left: 1 };
    await notify(await tell(await addUser(account, 'anna'), type, data));
    await notify(await tell(await addUser(others, 'ben'), type, data));
    expect(await addressees()).toEqual(['ben@example.com']);
    expect(await jobsLeft()).toEqual([]);
  });

  test('tells the addresses of the last 72 hours too, of lockouts as well, each once', async () => {
    const until = (hours: number) => new Date(Date.now() + hours * 3_600_000).toISOString();
    const user = await addUser(await addAccount('acme'), 'anna', {
      displayName: null,
      email: 'new@example.com',
      phone: null,
      formerEmails: [
        { address: 'old@example.com', until: until(1) },
        { address: 'older@example.com', until: until(-1) },
        { address: 'new@example.com', until: until(1) },
      ],
    });
    await notify(await tell(user, 'user.email_changed'));
    expect(await addressees()).toEqual(['new@example.com', 'old@example.com']);
    const eventId = await announceJob(user, await addLockout(user));
    await announceLockout({ database, sealer }, { eventId });
    expect(await addressees()).toEqual(['new@example.com', 'new@example.com', 'old@example.com', 'old@example.com']);
  });

  test('tells the old address also where there is no new one', async () => {
    const until = new Date(Date.now() + 3_600_000).toISOString();
    const profile = {
      displayName: null,
      email: null,
      phone: null,
      formerEmails: [{ address: 'old@a.example', until }],
    };
    const user = await addUser(await addAccount('acme'), 'anna', profile);
    await notify(await tell(user, 'user.email_changed'));
    expect(await addressees()).toEqual(['old@a.example']);
  });

  test.each([
    ['hour', 12],
    ['day', 30],
  ])('comes as one mail, at the end of the %s, where it is more than %i', async (lasts, most) => {
    const user = await addUser(await addAccount('acme'), 'anna');
    const key = sealer.fingerprint('notices', lasts, 'tnt_1', 'anna@example.com');
    const starts = `date_trunc('${lasts}', now(), 'UTC')`;
    // All but one of those that come by themselves.
    await sql.query(`insert into send_window (key, starts_at, sent) values ($1, ${starts}, $2)`, [key, most - 1]);
    for (let n = 0; n < 5; n += 1) await notify(await tell(user, 'two_factor.disabled'));
    const written = await rows<{ id: string; sealed: Buffer; waits: boolean; later: boolean }>(
      `select id, payload_sealed as sealed, next_attempt_at > now() as waits,
         next_attempt_at = ${starts} + interval '1 ${lasts}' as later
       from delivery order by id`,
    );
    const told = written.map(({ id, sealed, waits, later }) => {
      const { notice, facts } = JSON.parse(sealer.openText('delivery', deliveryRow('tnt_1', null, id), sealed));
      return { notice, facts, waits, later };
    });
    expect(told).toEqual([
      { notice: 'two_factor_disabled', facts: { time }, waits: false, later: false },
      { notice: 'more_activity', facts: {}, waits: true, later: true },
    ]);
    expect(await jobsLeft()).toEqual([]);
  });

  test('tells nobody where the user was erased, or has no address', async () => {
    const account = await addAccount('acme');
    const erased = await addUser(account, 'anna');
    const eventId = await tell(erased, 'recovery_code.used', { challengeId: 'chl_1', left: 3 });
    await sql.query('delete from app_user');
    await notify(eventId);
    const silent = await addUser(account, 'ben', { displayName: null, email: null, phone: null });
    await notify(await tell(silent, 'recovery_code.used', { challengeId: 'chl_1', left: 3 }));
    expect(await notices()).toEqual([]);
    expect(await jobsLeft()).toEqual([]);
  });
});
