import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { ExportVerification } from '#audit-log';
import { auditState } from '../../support/audit-state.js';
import { startPanel, type TestPanel, type TestTenant } from '../../support/gateway-harness.js';
import { sealPanel } from '../../support/seal-panel.js';

let panel: TestPanel;
let state: Awaited<ReturnType<typeof auditState>>;
let tenant: TestTenant;

beforeAll(async () => {
  panel = await startPanel();
  state = await auditState();
  tenant = await panel.tenant();
  const { path } = await panel.user(tenant, { displayName: 'Jana' });
  await tenant.call('POST', `${path}/devices`, { method: 'totp', name: '=HYPERLINK("x")' });
  // Of the same tenant, and too many for one page.
  await panel.sql(
    `insert into event (id, tenant_id, type, account_id, user_id, data)
     select 'evt_x' || n, $1, 'challenge.created', 'acme', '=user-' || n, '{"purpose":"login"}' from generate_series(1, 450) n`,
    [tenant.tenantId],
  );
  await sealPanel(panel, state.path);
  // Who reads is told once in a while: here, before anything is compared.
  await tenant.call('GET', '/v1/audit/events?limit=1');
  await sealPanel(panel, state.path);
});
afterAll(async () => {
  await panel.stop();
  await state.remove();
});

const asFile = async (query = '', key = tenant.apiKey) => {
  const response = await fetch(`${panel.url}/v1/audit/export${query}`, { headers: { authorization: `Bearer ${key}` } });
  return { status: response.status, headers: response.headers, text: await response.text() };
};
const linesOf = async (query: string) => (await asFile(query)).text.split('\n').slice(0, -1);
const logged = () =>
  panel.sql<{ id: string }>('select event_id as id from audit_entry where tenant_id = $1 order by sequence', [
    tenant.tenantId,
  ]);

describe('an export', () => {
  test('is the whole log as it was hashed: the offline verifier finds it in order', async () => {
    const { status, headers, text } = await asFile();
    expect([status, headers.get('content-type')]).toEqual([200, 'application/x-ndjson']);
    expect(headers.get('content-disposition')).toBe(`attachment; filename="sallyport-${tenant.tenantId}.ndjson"`);
    const verification = new ExportVerification({ tenantId: tenant.tenantId });
    const lines = text.split('\n').slice(0, -1);
    for (const line of lines) verification.add(line);
    expect(verification.finish()).toMatchObject({ ok: true });
    expect(lines).toHaveLength((await logged()).length);
  });

  test('has events as the list shows them', async () => {
    const events = (await linesOf('?format=cloudevents')).map((line) => JSON.parse(line) as { id: string });
    const { data } = (await tenant.call('GET', '/v1/audit/events?limit=500')).body;
    expect(events).toEqual(data);
  });

  test('goes on after an event, and has what was asked for only', async () => {
    const whole = await linesOf('?format=cef');
    const [, second] = await logged();
    expect(await linesOf(`?format=cef&cursor=${second?.id}`)).toEqual(whole.slice(2));
    const created = await linesOf('?format=cef&type=challenge.created');
    expect(created).toEqual(whole.filter((line) => line.includes('|challenge.created|')));
    expect(created).toHaveLength(450);
    expect(await linesOf('?format=cef&type=challenge.created&userId=%3Duser-7')).toHaveLength(1);
    expect(await linesOf('?format=cef&from=2000-01-01T00:00:00Z&to=2001-01-01T00:00:00Z')).toEqual([]);
  });

  test('starts no formula in a spreadsheet, and has its columns once', async () => {
    const { headers, text } = await asFile('?format=csv');
    expect(headers.get('content-type')).toBe('text/csv; charset=utf-8');
    expect(text.match(/sequence,time,type/g)).toHaveLength(1);
    expect(text).toContain(`,'=user-450,`);
    expect(text).not.toMatch(/(?:^|,)"?[=+@-]/m);
    const [first] = await logged();
    expect((await asFile(`?format=csv&cursor=${first?.id}`)).text).not.toContain('sequence,time,type');
  });

  test('has what is personal only for a key that may see it', async () => {
    const plain = await tenant.key(['audit']);
    for (const format of ['cloudevents', 'csv', 'cef', 'ocsf']) {
      expect((await asFile(`?format=${format}`)).text).toContain('HYPERLINK');
      expect((await asFile(`?format=${format}`, plain)).text).not.toContain('HYPERLINK');
    }
  });

  test('is told in the log: the format, up to where, whether it was whole and what was opened', async () => {
    const own = await panel.tenant();
    await asFile('', own.apiKey);
    await asFile('?format=csv&type=user.created', own.apiKey);
    const told = await panel.sql(
      `select data - 'apiKeyId' as data from event where tenant_id = $1 and type = 'audit.exported' order by time`,
      [own.tenantId],
    );
    expect(told).toEqual([
      { data: { format: 'ndjson', lastSequence: 0, whole: true, personal: false } },
      { data: { format: 'csv', lastSequence: 0, whole: false, personal: true } },
    ]);
  });

  test('of a log without events is an empty file', async () => {
    const empty = await panel.tenant();
    expect(await asFile('', empty.apiKey)).toMatchObject({ status: 200, text: '' });
  });

  test('is refused in plain words', async () => {
    expect(await asFile('?format=xml')).toMatchObject({
      status: 400,
      text: expect.stringContaining('"/query/format"'),
    });
    expect(await asFile('?cursor=evt_none')).toMatchObject({
      status: 400,
      text: expect.stringContaining('is not the id of a sealed event'),
    });
    expect((await asFile('', await tenant.key(['devices']))).status).toBe(403);
  });
});
