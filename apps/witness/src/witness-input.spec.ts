import { createHash, generateKeyPairSync } from 'node:crypto';
import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';
import { formatWitnessRequest, signCheckpoint, signingKey } from '#audit-log';
import { SomeLog } from '../../../test/support/audit-log.js';
import { logger, name, start, statusOf, text } from '../../../test/support/running-witness.js';
import { anyTenantLine, submit, temporaryFolder } from '../../../test/support/witness.js';
import { WatchedLogs } from './watched-logs.js';
import { WitnessStore } from './witness-store.js';
import { Witness } from './witness.js';

describe('whatever is sent to a witness', () => {
  const log = new SomeLog(5);

  it('is answered with what is wrong where it is malformed', async () => {
    const { url } = await start(log);
    const request = await log.requestFrom(0);
    const hash = `${Buffer.alloc(32).toString('base64')}\n`;
    const malformed: (string | Uint8Array)[] = [
      '',
      '\n',
      '\n\n',
      'old 0',
      'old 0\n\n',
      '{}',
      ...['00', '-1', '1e3', '0x0', '9007199254740992', '', ' 0', '0 '].map((n) =>
        request.replace('old 0', `old ${n}`),
      ),
      request.replace('old 0\n', 'old 0\nAAAA\n'),
      request.replace('old 0\n', `old 0\n${hash.repeat(64)}`),
      request.replaceAll('\n', '\r\n'),
      request.replace('\n\n', '\n'),
      request.replace(log.origin, `${log.origin}\0`),
      request.replace(log.origin, ''),
      request.replace('\n5\n', '\n05\n'),
      request.slice(0, -1),
      request.slice(0, request.indexOf('—')),
      `${request}${request.slice(request.lastIndexOf('—')).repeat(64)}`,
      Buffer.concat([Buffer.from(request), Buffer.from([0xff])]),
      Buffer.from(request, 'utf16le'),
      createHash('sha512').update('x').digest(),
    ];
    for (const body of malformed)
      expect([body, await submit(url, body)]).toEqual([body, { status: 400, ...text(' malformed. ') }]);
    expect((await submit(url, request)).status).toBe(200);
  });

  it('changes nothing and breaks nothing where one byte is another', async () => {
    const { url } = await start(log);
    await submit(url, await log.requestFrom(0, 3));
    const request = Buffer.from(await log.requestFrom(3));
    const statuses = new Set<number>();
    for (let at = 0; at < request.length; at += 3) {
      const changed = Buffer.from(request);
      changed[at] = (changed[at] ?? 0) ^ (1 << (at % 8));
      const { status } = await submit(url, changed);
      statuses.add(status);
      // Signatures of strangers are not looked at: without the one of a witness it is as good as before.
      if (status === 200) break;
    }
    expect([...statuses].filter((status) => ![200, 400, 403, 404, 409, 422].includes(status))).toEqual([]);
    expect([3, 5]).toContain(Number((await submit(url, await log.requestFrom(0))).text));
  });

  it('is no way to fill its disk: of 10,000 logs of strangers nothing is kept', async () => {
    const folder = temporaryFolder();
    const store = await WitnessStore.open(folder, name);
    const logs = WatchedLogs.parse(anyTenantLine(log.key));
    const witness = new Witness({ logs, store, logger });
    const state = () =>
      readdirSync(folder).map((file) => [
        file,
        createHash('sha256')
          .update(readFileSync(join(folder, file)))
          .digest('hex'),
      ]);
    witness.cosign(Buffer.from(await log.requestFrom(0)));
    const before = state();
    const { privateKey } = generateKeyPairSync('ed25519');
    const statuses = new Map<unknown, number>();
    for (let n = 0; n < 10_000; n += 1) {
      const origin = n % 2 ? `2fa.example.com/audit/tnt_${n}` : `log${n}.example/audit`;
      const checkpoint = signCheckpoint(
        { origin, size: 1, root: Buffer.alloc(32, 1) },
        [signingKey(origin, 'ed25519', privateKey)],
        1,
      );
      const status = statusOf(() =>
        witness.cosign(Buffer.from(formatWitnessRequest({ oldSize: 0, hashes: [], checkpoint }))),
      );
      statuses.set(status, (statuses.get(status) ?? 0) + 1);
    }
    expect(Object.fromEntries(statuses)).toEqual({ 403: 5000, 404: 5000 });
    expect(state()).toEqual(before);
    store.close();
  });

  it('has an end also for a log that is watched: a key for any tenant has so many, and those go on', async () => {
    const { url } = await start(log, { logs: WatchedLogs.parse(anyTenantLine(log.key)), mostLogs: 2 });
    const tenants = ['tnt_1', 'tnt_2', 'tnt_3'].map((tenant) => {
      const other = new SomeLog(5, tenant);
      return Object.assign(other, { key: signingKey(other.origin, 'ed25519', log.key.privateKey) });
    });
    for (const [n, status] of [200, 200, 507].entries())
      expect(await submit(url, (await tenants[n]?.requestFrom(0, 3)) ?? '')).toMatchObject({ status });
    for (const [n, status] of [200, 200, 409].entries())
      expect(await submit(url, (await tenants[n]?.requestFrom(3, 5)) ?? '')).toMatchObject({ status });
  });
});
