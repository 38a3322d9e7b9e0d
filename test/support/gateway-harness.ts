import { createGuardrails, generateSync } from 'otplib';
import { deliveryPayloadSchema, deliveryRow, type DeliveryPayload } from '#contracts';
import {
  createApiKey,
  createTenant,
  Database,
  Finder,
  scopes,
  Sealer,
  sql,
  statement,
  type Scope,
  type SessionBounds,
  type Statement,
} from '#persistence';
import { generateKeyFile, loadKeys } from '#runtime';
import { limitsFor } from '../../apps/gateway/src/http/admission-limits.js';
import { createTestDatabase } from './database.js';
import { callsOf, startTestGateway, type Call } from './gateway.js';
import { receiptSecrets } from './signed-receipts.js';
import type { Answer } from './system.js';

const newestDelivery = statement<
  { id: string; tenantId: string; deviceId: string; payloadSealed: Buffer },
  { deviceId: string }
>(
  'test.newest-delivery',
  ($) => sql`select id, tenant_id as "tenantId", device_id as "deviceId", payload_sealed as "payloadSealed"
   from delivery where device_id = ${$.deviceId} and payload_sealed is not null order by created_at desc, id desc limit 1`,
);

export type { Call };

/** A tenant with keys of its own, and its calls. */
export interface TestTenant {
  readonly tenantId: string;
  readonly apiKey: string;
  /** Calls with every scope. */
  readonly call: Call;
  /** A key with these scopes only. */
  key(granted: readonly Scope[], application?: string): Promise<string>;
}

/** A user with what the tests need of it. */
export interface TestUser {
  readonly accountId: string;
  readonly userId: string;
  /** `/v1/accounts/…/users/…` */
  readonly path: string;
}

export interface EnrolledTotp extends TestUser {
  readonly deviceId: string;
  /** Base 32. */
  readonly secret: string;
  readonly recoveryCodes: string[];
}

/** A gateway on a real database of its own, without workers: what it accepts stays in the outbox. */
export interface TestPanel extends TestTenant {
  readonly url: string;
  readonly database: Database;
  readonly databaseUrl: string;
  readonly sealer: Sealer;
  readonly finder: Finder;
  readonly keyFile: string;
  tenant(name?: string): Promise<TestTenant>;
  /** Runs one SQL text on the panel's database, past all rules. */
  sql<Row extends object = Record<string, unknown>>(text: string, values?: unknown[]): Promise<Row[]>;
  user(tenant?: TestTenant, profile?: object): Promise<TestUser>;
  /** A user with a verified authenticator app, whose last used step is in the past. */
  totpUser(tenant?: TestTenant): Promise<EnrolledTotp>;
  /** The code that waits in the device's newest delivery, opened as a worker would. */
  sentCode(deviceId: string): Promise<string>;
  /** The whole of what waits there. */
  sentPayload(deviceId: string): Promise<Extract<DeliveryPayload, { kind: 'code' }>>;
  /** Opens a login challenge. @returns its id */
  challenge(user: TestUser, more?: object, tenant?: TestTenant): Promise<string>;
  /** A fresh proof for a purpose, by the user's authenticator app. */
  proof(user: EnrolledTotp, purpose: string, tenant?: TestTenant): Promise<string>;
  /** Lets a minute pass between a code and the next. */
  passMinute(): Promise<void>;
  /** Users whose pool of recovery codes counts others than it has: never any. */
  miscounted(): Promise<object[]>;
  stop(): Promise<void>;
}

/** Seeds of all lengths that can be imported. */
const guardrails = createGuardrails({ MIN_SECRET_BYTES: 10, MAX_SECRET_BYTES: 128 });

/**
 * Code of an authenticator app `steps` away from now. The default policy takes the step before and the one after as well:
 * the code of now is good for half a minute at least, that of the step after for a whole one.
 */
export function totp(secret: string, steps = 0): string {
  return generateSync({ secret, epoch: Math.floor(Date.now() / 1000) + steps * 30, guardrails });
}

/** A code that is wrong for certain: of no step near now. */
export function wrongTotp(secret: string): string {
  const near = new Set(Array.from({ length: 60 }, (_, index) => totp(secret, index - 40)));
  for (let guess = 0; ; guess += 1) {
    const code = String(guess).padStart(6, '0');
    if (!near.has(code)) return code;
  }
}

/** Another code than one that was sent. */
export function otherCode(code: string): string {
  return String((Number(code) + 1) % 1_000_000).padStart(6, '0');
}

export async function startPanel(
  options: {
    poolSize?: number;
    bounds?: SessionBounds;
    /** Turns for calls about one user, else all: most races are among calls about one, which are to wait in the database. */
    ofUser?: number;
  } = {},
): Promise<TestPanel> {
  const test = await createTestDatabase({ ...options, poolSize: options.poolSize ?? 16 });
  const { database } = test;
  const keyFile = generateKeyFile();
  const keys = loadKeys(['sealing', 'pepper'], { SALLYPORT_KEYS: keyFile });
  const limits = { ...limitsFor(database.connections), ofUser: options.ofUser ?? 1000 };
  const gateway = await startTestGateway({ database, queueUrl: test.url, keyFile, limits, receipts: receiptSecrets });
  const sealer = new Sealer(keys.sealing);

  const tenant = async (name = 'Test'): Promise<TestTenant> => {
    const { tenantId } = await createTenant(database, { name });
    const key = async (granted: readonly Scope[], application?: string) => {
      const created = await createApiKey(database, { tenantId, name: 'test', scopes: granted, application });
      if (!created) throw new Error('No such tenant.');
      return created.key;
    };
    const apiKey = await key(scopes);
    return { tenantId, apiKey, call: callsOf(gateway.url, apiKey), key };
  };

  const own = await tenant();
  let counter = 0;

  const expectStatus = (answer: Answer, status: number) => {
    if (answer.status !== status)
      throw new Error(`${answer.status} instead of ${status}: ${JSON.stringify(answer.body)}`);
    return answer.body;
  };

  const user: TestPanel['user'] = async (at = own, profile = {}) => {
    counter += 1;
    const accountId = `account-${counter}`;
    const userId = `user-${counter}`;
    expectStatus(await at.call('PUT', `/v1/accounts/${accountId}`, {}), 200);
    const path = `/v1/accounts/${accountId}/users/${userId}`;
    expectStatus(await at.call('PUT', path, { kind: 'person', ...profile }), 200);
    return { accountId, userId, path };
  };

  const ask = <Row extends object>(text: string, values: readonly unknown[] = []) => {
    const asked: Statement<Row, readonly unknown[]> = { name: '', text, names: Object.keys(values) };
    return database.query(asked, values);
  };

  const totpUser: TestPanel['totpUser'] = async (at = own) => {
    const owner = await user(at);
    const device = expectStatus(await at.call('POST', `${owner.path}/devices`, { method: 'totp', name: 'App' }), 201);
    const { secret } = device.totp;
    // The code of the step before would be too old where a step ends between here and there.
    const answer = await at.call('POST', `/v1/devices/${device.id}/verify`, { code: totp(secret) });
    const { recoveryCodes } = expectStatus(answer, 200);
    await ask('update device set last_used_step = last_used_step - 1 where id = $1', [device.id]);
    return { ...owner, deviceId: device.id, secret, recoveryCodes };
  };

  const challenge: TestPanel['challenge'] = async ({ accountId, userId }, more = {}, at = own) => {
    const answer = await at.call('POST', '/v1/challenges', { accountId, userId, purpose: 'login', ...more });
    return expectStatus(answer, 201).challenge.id;
  };

  const sentPayload: TestPanel['sentPayload'] = async (deviceId) => {
    const row = await database.one(newestDelivery, { deviceId });
    if (!row) throw new Error('Nothing was sent to this device.');
    const text = sealer.openText('delivery', deliveryRow(row.tenantId, row.deviceId, row.id), row.payloadSealed);
    const payload = deliveryPayloadSchema.parse(JSON.parse(text));
    if (payload.kind !== 'code') throw new Error('A notice has no code.');
    return payload;
  };

  return {
    ...own,
    url: gateway.url,
    database,
    databaseUrl: test.url,
    sealer,
    finder: new Finder(keys.pepper.lookups),
    keyFile,
    tenant,
    user,
    totpUser,
    challenge,
    sql: ask,
    async sentCode(deviceId) {
      return (await sentPayload(deviceId)).code;
    },
    sentPayload,
    async proof(owner, purpose, at = own) {
      // Tests need many proofs within one time step: forget the used one.
      await ask('update device set last_used_step = null where id = $1', [owner.deviceId]);
      const id = await challenge(owner, { purpose }, at);
      const verify = () =>
        at.call('POST', `/v1/challenges/${id}/verify`, { deviceId: owner.deviceId, code: totp(owner.secret) });
      const answer = await verify();
      // Where a policy takes codes of this step only, one on the way may have been overtaken by the next step.
      const late = answer.status === 422 && answer.body.code === 'code_invalid';
      return expectStatus(late ? await verify() : answer, 200).proof;
    },
    async passMinute() {
      await ask(`update code set last_sent_at = last_sent_at - interval '1 minute'`);
      await ask(
        `update send_pace set ready_at = ready_at - interval '1 minute', hour_starts_at = hour_starts_at - interval '1 minute'`,
      );
    },
    async miscounted() {
      return ask(`select p.user_id, p.codes_left from recovery_pool p
        where p.codes_left <> (select count(*) from recovery_code r
          where r.user_id = p.user_id and r.set_id = p.set_id and r.used_at is null)`);
    },
    async stop() {
      await gateway.stop();
      await test.close();
    },
  };
}
