import { setTimeout as sleep } from 'node:timers/promises';
import type { Answer } from '../support/system.js';
import type { Fleet } from './fleet.js';

/** How long a client goes on trying one call, as a panel's worker would. */
const patienceMs = 90_000;
const pauseMs = 200;
/** A gateway that is stopped in mid-call may leave the caller without an end. */
const callMs = 10_000;

/** A person whose only device gets its codes by message: a challenge sends one at once. */
export interface Person {
  readonly accountId: string;
  readonly userId: string;
  readonly deviceId: string;
  readonly method: 'sms' | 'email';
}

/** What a client was told about one of its calls. */
export interface Acknowledged {
  readonly key: string;
  readonly person: Person;
  readonly challengeId: string;
  readonly deliveryId: string;
}

/** An answer that no repetition changes. */
class RefusedError extends Error {}

/** The panel of these tests: it calls any gateway, and tries again under the same key until it is answered. */
export class PanelTraffic {
  /** Every try, also those that failed. */
  requests = 0;
  /** Tries that no 2xx answered, by what came instead. */
  readonly unanswered = new Map<string, number>();
  readonly acknowledged: Acknowledged[] = [];
  private turn = 0;
  private readonly prefix: string;

  constructor(
    private readonly fleet: Fleet,
    name: string,
  ) {
    this.prefix = name;
  }

  /** One attempt at one gateway. @throws where nobody answers */
  async call(method: string, path: string, body?: unknown, more: CallOptions = {}): Promise<Answer> {
    const gateways = this.fleet.of('gateway');
    const gateway = gateways[(more.gateway ?? (this.turn += 1)) % gateways.length];
    this.requests += 1;
    const response = await fetch(`${gateway?.url}${path}`, {
      method,
      headers: {
        authorization: `Bearer ${this.fleet.adminApiKey}`,
        ...(body === undefined ? {} : { 'content-type': 'application/json' }),
        ...(more.key === undefined ? {} : { 'idempotency-key': more.key }),
      },
      body: body === undefined ? null : JSON.stringify(body),
      signal: AbortSignal.timeout(more.withinMs ?? callMs),
    });
    const text = await response.text();
    return { status: response.status, headers: response.headers, body: text === '' ? undefined : JSON.parse(text) };
  }

  /** Tries until there is a 2xx. @throws after a refusal that no repetition changes, or when patience ends */
  async insist(method: string, path: string, body?: unknown, key?: string): Promise<Answer> {
    const until = Date.now() + patienceMs;
    for (;;) {
      let words: string;
      try {
        const answer = await this.call(method, path, body, key === undefined ? {} : { key });
        if (answer.status < 300) return answer;
        words = `${answer.status} ${answer.body?.code}`;
        if (answer.status < 500 && answer.body?.code !== 'idempotency_in_progress') {
          throw new RefusedError(`${method} ${path}: ${JSON.stringify(answer.body)}`);
        }
      } catch (error) {
        if (error instanceof RefusedError) throw error;
        // Node's own errors are of another realm than the tests: `instanceof` does not know them.
        words = (error as Error).name;
      }
      this.unanswered.set(words, (this.unanswered.get(words) ?? 0) + 1);
      if (Date.now() > until) throw new Error(`${method} ${path} was not answered in time; last: ${words}`);
      await sleep(pauseMs);
    }
  }

  /** A policy under which a few people get thousands of codes, and no code dies before its delivery is accounted for. */
  async allowManyCodes(): Promise<void> {
    await this.insist('PUT', '/v1/policy', {
      phone: { smsPerDevicePerDay: 100 },
      email: { perDevicePerDay: 100 },
      sending: { perDevicePerHour: 100 },
      code: { ttlSeconds: 600, resendAfterSeconds: 0 },
      challenge: { ttlSeconds: 900 },
    });
  }

  /** A person with one verified device, whose code came by the real worker. */
  async enroll(number: number, method: 'sms' | 'email'): Promise<Person> {
    const accountId = `${this.prefix}-account-${number}`;
    const userId = `${this.prefix}-user-${number}`;
    const address = method === 'sms' ? phoneOf(number) : `${userId}@customer.example`;
    await this.insist('PUT', `/v1/accounts/${accountId}`, {});
    await this.insist('PUT', `/v1/accounts/${accountId}/users/${userId}`, { email: `${userId}@customer.example` });
    const field = method === 'sms' ? { phone: address } : { email: address };
    const path = `/v1/accounts/${accountId}/users/${userId}/devices`;
    const device = await this.insist('POST', path, { method, name: 'Own', ...field });
    const deviceId: string = device.body.id;
    const [sent] = await this.fleet.sql<{ id: string }>('select id from delivery where device_id = $1', [deviceId]);
    const text = await this.received(sent?.id ?? '');
    await this.insist('POST', `/v1/devices/${deviceId}/verify`, { code: /\d{6}/.exec(text)?.[0] });
    return { accountId, userId, deviceId, method };
  }

  /** Asks for a login challenge, which sends a code at once; goes on until it is acknowledged. */
  async challenge(person: Person, number: number): Promise<Acknowledged> {
    const key = `${this.prefix}-${number}`;
    const { accountId, userId } = person;
    const answer = await this.insist('POST', '/v1/challenges', { accountId, userId, purpose: 'login' }, key);
    const { challenge } = answer.body;
    if (!challenge?.send?.deliveryId) throw new RefusedError(`No code was sent: ${JSON.stringify(answer.body)}`);
    const acknowledged = { key, person, challengeId: challenge.id, deliveryId: challenge.send.deliveryId };
    this.acknowledged.push(acknowledged);
    return acknowledged;
  }

  /** The text of a delivery, once its provider has it. */
  async received(deliveryId: string): Promise<string> {
    for (const until = Date.now() + patienceMs; Date.now() < until; await sleep(50)) {
      const text = messagesOf(this.fleet).find((message) => message.deliveryId === deliveryId)?.text;
      if (text !== undefined) return text;
    }
    throw new Error(`The delivery ${deliveryId} did not come.`);
  }
}

interface CallOptions {
  readonly key?: string;
  /** Which gateway; the next one where it is left out. */
  readonly gateway?: number;
  /** How long to wait for the answer; 10 s where it is left out. */
  readonly withinMs?: number;
}

/** Numbers of a range that libphonenumber calls valid. */
function phoneOf(number: number): string {
  return `+316${String(20_000_000 + number)}`;
}

/** What reached a provider and was accepted there. */
export interface Received {
  readonly deliveryId: string;
  readonly text: string;
}

export function messagesOf({ vonage, smtp }: Fleet): Received[] {
  return [
    ...vonage.messages
      .filter(({ accepted }) => accepted)
      .map(({ clientRef, text }) => ({ deliveryId: clientRef, text })),
    ...smtp.mails
      .filter(({ accepted }) => accepted)
      .map(({ messageId, text }) => ({ deliveryId: /^<(dlv_[0-9a-z]+)@/.exec(messageId)?.[1] ?? '', text })),
  ];
}
