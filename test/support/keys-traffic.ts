import { setTimeout as sleep } from 'node:timers/promises';
import type { Answered, RotatingFleet } from './rotating-fleet.js';

/** Between two rounds: quick at first, then so that nobody comes to the bound of 100 messages a day on a slow machine. */
const pauseMs = (round: number) => (round < 30 ? 1200 : 8000);

interface Person {
  readonly accountId: string;
  readonly userId: string;
  readonly path: string;
}

/**
 * People who go on logging in by SMS while keys are rotated, each by calls to any gateway: a code that one made is checked by
 * another, a proof of one is taken by another, and what a profile was last changed to is what it stays.
 */
export class KeysTraffic {
  /** Answers other than those that were due. */
  readonly wrong: string[] = [];
  rounds = 0;
  private readonly stopping = new AbortController();
  private loops: Promise<void>[] = [];

  constructor(private readonly fleet: RotatingFleet) {}

  /** @param people how many, each with a verified phone */
  async start(people: number): Promise<void> {
    await this.due(200, 'PUT', '/v1/policy', {
      phone: { smsPerDevicePerDay: 100 },
      sending: { perDevicePerHour: 100 },
      code: { resendAfterSeconds: 0 },
    });
    const numbers = Array.from({ length: people }, (_, number) => number);
    const persons = await Promise.all(numbers.map((number) => this.enroll(number)));
    this.loops = persons.map((person) => this.live(person));
  }

  /** Ends it, and looks at every profile once more. */
  async stop(): Promise<void> {
    this.stopping.abort();
    await Promise.all(this.loops);
  }

  private async live(person: Person): Promise<void> {
    for (let round = 0; !this.stopping.signal.aborted; round += 1) {
      try {
        await this.round(person, round);
        this.rounds += 1;
      } catch (error) {
        this.wrong.push(`${person.userId}: ${(error as Error).message}`);
      }
      await sleep(pauseMs(round), undefined, { signal: this.stopping.signal }).catch(() => undefined);
    }
  }

  private async round({ accountId, userId, path }: Person, round: number): Promise<void> {
    const displayName = `${userId}, round ${round}`;
    await this.due(200, 'PUT', path, { displayName });
    const purpose = 'regenerate_recovery_codes';
    const { challenge } = await this.due(201, 'POST', '/v1/challenges', { accountId, userId, purpose });
    if (challenge.send.deliveryId === undefined) throw new Error(`No code was sent: ${challenge.send.code}`);
    const code = await this.received(challenge.send.deliveryId);
    const { proof } = await this.due(200, 'POST', `/v1/challenges/${challenge.id}/verify`, { code });
    await this.due(201, 'POST', `${path}/recovery-codes`, {}, { 'sallyport-proof': proof });
    const user = await this.due(200, 'GET', path);
    if (user.displayName !== displayName) throw new Error(`${user.displayName} instead of ${displayName}`);
  }

  private async enroll(number: number): Promise<Person> {
    const [accountId, userId] = [`account-${number}`, `user-${number}`];
    const path = `/v1/accounts/${accountId}/users/${userId}`;
    await this.due(200, 'PUT', `/v1/accounts/${accountId}`, {});
    await this.due(200, 'PUT', path, { displayName: userId });
    const phone = `+316${20_000_000 + number}`;
    const device = await this.due(201, 'POST', `${path}/devices`, { method: 'sms', name: 'Phone', phone });
    const [sent] = await this.fleet.sql<{ id: string }>('select id from delivery where device_id = $1', [device.id]);
    await this.due(200, 'POST', `/v1/devices/${device.id}/verify`, { code: await this.received(sent?.id ?? '') });
    return { accountId, userId, path };
  }

  /** The code of a delivery, once the provider has it. */
  private async received(deliveryId: string): Promise<string> {
    for (let waited = 0; waited < 60_000; waited += 50) {
      const found = this.fleet.vonage.messages.find((message) => message.accepted && message.clientRef === deliveryId);
      if (found) return /\d{6}/.exec(found.text)?.[0] ?? '';
      await sleep(50);
    }
    throw new Error(`The delivery ${deliveryId} did not come.`);
  }

  private async due(
    status: number,
    method: string,
    path: string,
    body?: object,
    headers: Record<string, string> = {},
  ): Promise<Answered['body']> {
    const answer = await this.fleet.call(method, path, body, headers);
    if (answer.status === status) return answer.body;
    throw new Error(`${method} ${path}: ${answer.status} ${JSON.stringify(answer.body)}`);
  }
}
