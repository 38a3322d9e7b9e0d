import { setTimeout as sleep } from 'node:timers/promises';
import { expect } from '@jest/globals';
import { inParallel } from '../support/parallel.js';
import { totp } from '../support/gateway-harness.js';
import { accountFor } from './account-for.js';
import type { AppName } from './app-process.js';
import { battery, report, seed } from './battery.js';
import type { Fleet } from './fleet.js';
import { messagesOf, PanelTraffic, type Person } from './panel-traffic.js';
import { seeded } from './random.js';
import { onFleet, useFleet, ofEach } from './on-fleet.js';
import { whole } from './under-load.js';

/** Each message is so long on its way to the provider, and its answer on the way back: a kill finds some of both. */
const transitMs = 150;
const delayMs = 150;
const people = 60;

let fleet: Fleet;
let persons: Person[];

useFleet({ ...ofEach(1), gateway: 4, relay: 2, 'sms-worker': 2 }, async (started) => {
  fleet = started;
  await new PanelTraffic(fleet, 'set-up').allowManyCodes();
});

async function enrollMany(traffic: PanelTraffic, count: number): Promise<Person[]> {
  return inParallel(count, (index) => traffic.enroll(index, 'sms'), 20);
}

onFleet(
  'one login can be followed at info through every process by its request id',
  async () => {
    const traffic = new PanelTraffic(fleet, 'joined');
    const begin = async (method: 'sms' | 'email', index: number) => {
      const { accountId, userId } = await traffic.enroll(index, method);
      const answer = await traffic.call('POST', '/v1/challenges', { accountId, userId, purpose: 'login' });
      return { ...answer, requestId: answer.headers.get('x-request-id') ?? '' };
    };
    const { requestId: texting } = await begin('sms', 1);
    const opened = await begin('email', 0);
    const { requestId: sending } = opened;
    // One in a million is right, and then the test says so.
    const wrongCode = '000000';
    const path = `/v1/challenges/${opened.body.challenge.id}/verify`;
    const refused = await traffic.call('POST', path, { code: wrongCode });
    const checking = refused.headers.get('x-request-id') ?? '';
    expect(refused.body).toMatchObject({ code: 'code_invalid', requestId: checking });

    const speaksOf = (app: AppName, requestId: string) =>
      fleet
        .of(app)
        .flatMap(({ logs }) => logs)
        .some(
          (line) => line.requestId === requestId || (line['requestIds'] as string[] | undefined)?.includes(requestId),
        );
    const wanted: [AppName, string][] = [
      ['gateway', texting],
      ['relay', texting],
      ['sms-worker', texting],
      ['audit-worker', texting],
      ['gateway', sending],
      ['relay', sending],
      ['email-worker', sending],
      ['audit-worker', sending],
      ['gateway', checking],
      ['relay', checking],
      ['lockout-worker', checking],
      ['audit-worker', checking],
    ];
    const silent = () => wanted.filter(([app, requestId]) => !speaksOf(app, requestId)).map(([app]) => app);
    for (const until = Date.now() + 20_000; silent().length > 0 && Date.now() < until; await sleep(50));
    expect(silent()).toEqual([]);
  },
  60_000,
);

onFleet(
  'T01 one code in 200 parallel checks over four gateway processes is accepted once',
  async () => {
    const traffic = new PanelTraffic(fleet, 't01');
    let accepted = 0;
    let told = 0;
    for (let round = 0; round < battery.raceRounds; round += 1) {
      const user = { accountId: 't01', userId: `user-${round}` };
      const path = `/v1/accounts/t01/users/${user.userId}`;
      await traffic.insist('PUT', '/v1/accounts/t01', {});
      await traffic.insist('PUT', path, {});
      const device = await traffic.insist('POST', `${path}/devices`, { method: 'totp', name: 'App' });
      const { secret } = device.body.totp;
      const enrolment = totp(secret);
      await traffic.insist('POST', `/v1/devices/${device.body.id}/verify`, { code: enrolment });

      const open = async () =>
        (await traffic.insist('POST', '/v1/challenges', { ...user, purpose: 'login' })).body.challenge.id;
      const challenges: string[] = await inParallel(200, open, 16);
      // Another process than the one that verified the device.
      const again = await traffic.call('POST', `/v1/challenges/${challenges[0]}/verify`, { code: enrolment });
      expect([again.status, again.body.code]).toEqual([422, 'code_already_used']);
      await fleet.sql('update device set wrong_codes = 0 where id = $1', [device.body.id]);

      // Of the step after: good for a whole minute on a busy machine.
      const code = totp(secret, 1);
      const statuses = await Promise.all(
        challenges.slice(1).map(async (id, index) => {
          // So many at once take a busy machine long, and none of them may be repeated.
          const more = { gateway: index, withinMs: 60_000 };
          const answer = await traffic.call('POST', `/v1/challenges/${id}/verify`, { code }, more);
          return answer.status === 200 ? '200' : `${answer.status} ${answer.body.code}`;
        }),
      );
      expect(statuses.filter((status) => status === '200')).toHaveLength(1);
      expect(new Set(statuses).difference(new Set(['200', '422 code_already_used', '429 locked']))).toEqual(new Set());
      accepted += 1;
      told += statuses.length;
    }
    report('T01', `${battery.raceRounds} × 199 at once over 4 gateways`, {
      requests: told,
      acknowledged: accepted,
      delivered: accepted,
      lost: 0,
      extra: 0,
    });
  },
  300_000,
);

onFleet(
  'T10 SMS workers killed in mid-work lose nothing, and repeat with the same code and reference',
  async () => {
    const random = seeded(seed);
    const traffic = new PanelTraffic(fleet, 't10');
    persons = await enrollMany(traffic, people);
    fleet.vonage.always({ transitMs, delayMs });
    const before = fleet.vonage.messages.length;
    const send = (index: number) => traffic.challenge(persons[index % people] as Person, index);
    const sending = inParallel(battery.messages, send, 16);
    let lastFault = performance.now();
    for (let kill = 1; kill <= battery.workerKills; kill += 1) {
      // Spread over the work, so that each kill finds messages on their way.
      const due = before + Math.round((kill * battery.messages) / (battery.workerKills + 1));
      while (fleet.vonage.messages.length < due) await sleep(5);
      const victim = random.pick(fleet.of('sms-worker'));
      await victim.end('SIGKILL');
      lastFault = performance.now();
      await victim.start();
    }
    await sending;
    const account = await accountFor(fleet, traffic, lastFault);
    fleet.vonage.always(undefined);
    report('T10', `${battery.workerKills} kills of 2 SMS workers`, account);
    expect(account).toMatchObject({
      acknowledged: battery.messages,
      delivered: battery.messages,
      ...whole,
    });
    // Each repeat has its row: whoever pays for it can see it.
    const [counted] = await fleet.sql<{ attempts: number }>(
      'select count(*)::int as attempts from delivery_attempt where delivery_id = any($1)',
      [traffic.acknowledged.map(({ deliveryId }) => deliveryId)],
    );
    expect(counted?.attempts).toBeGreaterThanOrEqual(account.delivered + account.extra);
  },
  300_000,
);

onFleet(
  'T11 relays, gateways and audit workers killed in mid-work: one delivery for each key, whatever was retried',
  async () => {
    const random = seeded(seed + 11);
    const traffic = new PanelTraffic(fleet, 't11');
    persons = await enrollMany(traffic, people);
    const before = traffic.acknowledged.length;
    const send = async (index: number) => {
      const { person, key } = await traffic.challenge(persons[index % people] as Person, index);
      if (index % 10 > 0) return;
      // Few kills fall between a commit and its answer. So some answers count as lost, and their calls are repeated.
      const { accountId, userId } = person;
      await traffic.insist('POST', '/v1/challenges', { accountId, userId, purpose: 'login' }, key);
    };
    const sending = inParallel(battery.keyed, send, 16);
    let lastFault = performance.now();
    for (let kill = 1; kill <= battery.gatewayKills; kill += 1) {
      const due = before + Math.round((kill * battery.keyed) / (battery.gatewayKills + 1));
      while (traffic.acknowledged.length < due) await sleep(1);
      const victims = (['gateway', 'relay', 'audit-worker'] as const).map((app) => random.pick(fleet.of(app)));
      await Promise.all(victims.map((victim) => victim.end('SIGKILL')));
      lastFault = performance.now();
      await Promise.all(victims.map((victim) => victim.start()));
    }
    await sending;
    const account = await accountFor(fleet, traffic, lastFault);
    report('T11', `${battery.gatewayKills} kills of a gateway, a relay, an audit worker`, account);
    expect(account).toMatchObject({
      acknowledged: battery.keyed,
      delivered: battery.keyed,
      ...whole,
    });
    expect(new Set(traffic.acknowledged.map(({ deliveryId }) => deliveryId)).size).toBe(battery.keyed);
    expect(messagesOf(fleet).length).toBeGreaterThan(battery.keyed);
  },
  300_000,
);
