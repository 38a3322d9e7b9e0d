import { beforeAll, describe, expect, test } from '@jest/globals';
import { mailFor } from '#delivery';
import { decodeJwt } from 'jose';
import { call, panel } from '../../support/described-panel.js';
import { smsUser } from '../../support/sms-user.js';

const eur = (value: string) => ({ value, currency: 'EUR' });
let user: Awaited<ReturnType<typeof smsUser>>;
beforeAll(async () => {
  user = await smsUser(panel, call);
});

const open = (more: object) =>
  call('POST', '/v1/challenges', {
    accountId: user.accountId,
    userId: user.userId,
    purpose: 'transaction',
    deviceId: user.deviceId,
    ...more,
  });

describe('a transaction', () => {
  test('another amount or another payee is another challenge, with a code and a proof of its own', async () => {
    const payments = [
      { amount: eur('100.00'), payee: 'ACME GmbH' },
      { amount: eur('900.00'), payee: 'ACME GmbH' },
      { amount: eur('100.00'), payee: 'Mallory Ltd' },
    ];
    const opened: { id: string; code: string }[] = [];
    for (const transaction of payments) {
      await panel.sql('delete from send_pace');
      const { status, body } = await open({ transaction });
      expect({ status, send: body.challenge?.send?.code }).toEqual({ status: 201, send: undefined });
      opened.push({ id: body.challenge.id, code: await panel.sentCode(user.deviceId) });
    }
    expect(new Set(opened.map(({ code }) => code)).size).toBe(3);
    const [first] = opened as [(typeof opened)[0]];
    const verify = (id: string, code: string) =>
      call('POST', `/v1/challenges/${id}/verify`, { deviceId: user.deviceId, code });
    for (const { id } of opened.slice(1)) {
      expect(await verify(id, first.code)).toMatchObject({ status: 422, body: { code: 'code_invalid' } });
    }
    for (const [n, { id, code }] of opened.entries()) {
      const { body } = await verify(id, code);
      expect(decodeJwt(body.proof)).toMatchObject({ chl: id, ...payments[n] });
    }
  });

  test('by mail shows amount and payee as they are, in the words of the user', async () => {
    const owner = await panel.user();
    const { accountId, userId } = owner;
    await call('PUT', owner.path, { locale: 'da' });
    const body = { method: 'email', name: 'Mail', email: 'payer@panel.example' };
    const { id: deviceId } = (await call('POST', `${owner.path}/devices`, body)).body;
    await call('POST', `/v1/devices/${deviceId}/verify`, { code: await panel.sentCode(deviceId) });
    await panel.sql('delete from send_pace');
    const transaction = { amount: eur('1250.00'), payee: 'Søn & <b>Datter</b>' };
    expect(
      await call('POST', '/v1/challenges', { accountId, userId, purpose: 'transaction', transaction }),
    ).toMatchObject({ status: 201, body: { challenge: { send: { deviceId } } } });
    const payload = await panel.sentPayload(deviceId);
    const mail = mailFor(payload);
    expect(mail?.text).toContain('1250.00 EUR, Søn & <b>Datter</b>');
    expect(mail?.html).toContain('1250.00 EUR, Søn &amp; &lt;b&gt;Datter&lt;/b&gt;');
    expect(mail?.html).toContain('lang="da"');
    // Subjects are shown on locked screens.
    expect(mail?.subject).not.toMatch(/1250|Datter|\d{6}/);
  });

  test.each([
    [{ amount: eur('10'), payee: 'P' }, '/transaction/amount/value'],
    [{ amount: eur('10.5'), payee: 'P' }, '/transaction/amount/value'],
    [{ amount: eur('010.50'), payee: 'P' }, '/transaction/amount/value'],
    [{ amount: eur('1,00'), payee: 'P' }, '/transaction/amount/value'],
    [{ amount: eur('-1.00'), payee: 'P' }, '/transaction/amount/value'],
    [{ amount: eur('0.00'), payee: 'P' }, '/transaction/amount/value'],
    [{ amount: { value: '1.00', currency: 'JPY' }, payee: 'P' }, '/transaction/amount/value'],
    [{ amount: { value: '1.00', currency: 'eur' }, payee: 'P' }, '/transaction/amount/currency'],
    [{ amount: { value: '1.00', currency: 'DEM' }, payee: 'P' }, '/transaction/amount/currency'],
    [{ amount: eur('1.00'), payee: 'P\n000000 is your code' }, '/transaction/payee'],
    [{ amount: eur('1.00'), payee: 'P\u202e00.1' }, '/transaction/payee'],
    [{ amount: eur('1.00'), payee: 'P'.repeat(71) }, '/transaction/payee'],
    [{ amount: eur('1.00') }, '/transaction/payee'],
  ])('is refused: %j', async (transaction, pointer) => {
    expect(await open({ transaction })).toMatchObject({ status: 400, body: { errors: [{ pointer }] } });
  });

  test('is asked for by the policy, and belongs to its purpose', async () => {
    const transaction = { amount: { value: '500', currency: 'JPY' }, payee: 'ACME' };
    expect(await open({ purpose: 'login', transaction })).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/transaction' }] },
    });
    const policy = `/v1/accounts/${user.accountId}/policy`;
    await call('PUT', policy, { preset: 'psd2' });
    await panel.sql('delete from send_pace');
    expect(await open({ detail: 'Pay' })).toMatchObject({
      status: 400,
      body: { errors: [{ pointer: '/transaction' }] },
    });
    const unfit = { transaction, detail: '\u20b9'.repeat(140) };
    expect(await open(unfit)).toMatchObject({ status: 400, body: { errors: [{ pointer: '/transaction' }] } });
    expect(await open({ transaction, detail: 'Invoice 7' })).toMatchObject({ status: 201 });
    const payload = await panel.sentPayload(user.deviceId);
    expect(payload).toMatchObject({ detail: '500 JPY, ACME: Invoice 7' });
    await call('DELETE', policy);
  });
});
