import { describe, expect, test } from '@jest/globals';
import { smsText } from '#delivery';
import { totp, wrongTotp, type TestPanel, type TestUser } from '../../support/gateway-harness.js';
import { call, message, panel, setLocale, smsUser } from '../../support/speaking-people.js';

const wrong = {
  en: 'This code is incorrect. Check it and try again.',
  nl: 'Deze code is onjuist. Controleer de code en probeer het opnieuw.',
  da: 'Koden er forkert. Tjek den, og prøv igen.',
  sv: 'Koden är felaktig. Kontrollera den och försök igen.',
  cs: 'Tento kód není správný. Zkontrolujte ho a zkuste to znovu.',
  sk: 'Tento kód nie je správny. Skontrolujte ho a skúste to znova.',
};

describe('words of a refusal for the user', () => {
  const refuse = async (user: Awaited<ReturnType<TestPanel['totpUser']>>, headers: Record<string, string> = {}) => {
    const id = await panel.challenge(user);
    const path = `/v1/challenges/${id}/verify`;
    const answer = await call('POST', path, { deviceId: user.deviceId, code: wrongTotp(user.secret) }, headers);
    expect(answer.body).toMatchObject({ code: 'code_invalid', detail: wrong.en });
    for (const name of ['locale', 'wordsFor']) expect(answer.body).not.toHaveProperty(name);
    return answer.body.userMessage as string;
  };
  const asking = (header: string) => ({ 'accept-language': header });

  test('are in the locale of the user, else the account, else of the request, else in English', async () => {
    const user = await panel.totpUser();
    expect(await refuse(user)).toBe(wrong.en);
    expect(await refuse(user, asking('fr, da;q=0.8, nl;q=0.5'))).toBe(wrong.da);
    await setLocale(user, 'account', 'cs-CZ');
    expect(await refuse(user, asking('da'))).toBe(wrong.cs);
    await setLocale(user, 'user', 'nl-BE');
    expect(await refuse(user, asking('da'))).toBe(wrong.nl);
    // The fifth wrong code would lock.
    const another = await panel.totpUser();
    await setLocale(another, 'user', 'fr');
    expect(await refuse(another, asking('da'))).toBe(wrong.en);
  });

  test.each(Object.entries(wrong))('are there in %s', async (locale, words) => {
    const user = await panel.totpUser();
    await setLocale(user, 'user', locale);
    expect(await refuse(user)).toBe(words);
  });

  test('tell of a code that was used before', async () => {
    const user = await panel.totpUser();
    const code = totp(user.secret);
    const verify = async () =>
      call('POST', `/v1/challenges/${await panel.challenge(user)}/verify`, { deviceId: user.deviceId, code });
    expect((await verify()).status).toBe(200);
    const words = 'This code was used before. Wait until your app shows a new one.';
    expect((await verify()).body).toMatchObject({ code: 'code_already_used', detail: words, userMessage: words });
    await setLocale(user, 'user', 'sv');
    expect((await verify()).body).toMatchObject({
      detail: words,
      userMessage: 'Koden har redan använts. Vänta tills din app visar en ny.',
    });
  });

  test('name how long a lock lasts, and for a disabled device what helps', async () => {
    await call('PUT', '/v1/policy', { supportContact: 'desk@panel.example', lockout: { free: 1, baseSeconds: 60 } });
    const user = await panel.totpUser();
    await setLocale(user, 'user', 'da');
    const verify = async () =>
      call('POST', `/v1/challenges/${await panel.challenge(user)}/verify`, {
        deviceId: user.deviceId,
        code: wrongTotp(user.secret),
      });
    expect((await verify()).body.code).toBe('code_invalid');
    const id = await panel.challenge(user);
    const locked = await call('POST', `/v1/challenges/${id}/verify`, { deviceId: user.deviceId, code: '000000' });
    expect(locked.body).toMatchObject({
      code: 'locked',
      userMessage: expect.stringMatching(/^Der var for mange forkerte koder\. Prøv igen om \d+ (sekunder|minut)/),
    });
    await panel.sql(`update device set status = 'disabled', locked_until = null where id = $1`, [user.deviceId]);
    const disabled = await call('POST', `/v1/challenges/${id}/verify`, { deviceId: user.deviceId, code: '000000' });
    expect(disabled.body.userMessage).toMatch(/deaktiveret.*gendannelseskode.* Support: desk@panel\.example$/);
  });

  test('are the same from a stored answer', async () => {
    const user = await panel.totpUser();
    await setLocale(user, 'user', 'sk');
    const path = `/v1/challenges/${await panel.challenge(user)}/verify`;
    const body = { deviceId: user.deviceId, code: wrongTotp(user.secret) };
    const headers = { 'idempotency-key': 'words-1' };
    const first = await call('POST', path, body, headers);
    expect(first.body.userMessage).toBe(wrong.sk);
    expect((await call('POST', path, body, headers)).body).toEqual(first.body);
  });

  test('are in no refusal that only developers can mend', async () => {
    const missing = await call('GET', '/v1/devices/dev_none', undefined, asking('nl'));
    expect(missing.body.code).toBe('not_found');
    const unfit = await call('POST', '/v1/challenges', {}, asking('nl'));
    expect(unfit.body.code).toBe('invalid_request');
    for (const { body } of [missing, unfit]) expect(body).not.toHaveProperty('userMessage');
  });

  test('come with a denial, and with a send that was refused', async () => {
    const service = await panel.user(undefined, { kind: 'service', locale: 'nl' });
    const denied = await call('POST', '/v1/challenges', { accountId: service.accountId, userId: service.userId });
    expect(denied.body).toMatchObject({
      reason: 'service_user_interactive',
      detail: 'This user is for the API only and cannot sign in here.',
      userMessage: 'Deze gebruiker is alleen voor de API en kan hier niet inloggen.',
    });
    const user = await smsUser();
    await call('PUT', '/v1/policy', { supportContact: 'desk@panel.example', phone: { smsPerDevicePerDay: 1 } });
    const decide = (headers = {}) =>
      call('POST', '/v1/challenges', { accountId: user.accountId, userId: user.userId }, headers);
    expect((await decide()).body.challenge.send).toMatchObject({
      code: 'sms_quota_exceeded',
      userMessage:
        'Today’s limit of text messages has been reached. Use an authenticator app to sign in, or contact support. Support: desk@panel.example',
    });
    expect((await decide(asking('cs'))).body.challenge.send.userMessage).toMatch(
      /ověřovací aplikace.*Podpora: desk@panel\.example$/,
    );
  });
});

describe('messages', () => {
  test('have the locale of the user, else the account, else of the request', async () => {
    const user = await smsUser();
    expect(await message(user.deviceId)).toMatchObject({ locale: 'en' });
    const decide = (headers = {}) =>
      call('POST', '/v1/challenges', { accountId: user.accountId, userId: user.userId }, headers);
    await decide({ 'accept-language': 'sv-SE,sv;q=0.9' });
    expect(await message(user.deviceId)).toMatchObject({ locale: 'sv' });
    await setLocale(user, 'account', 'da-DK');
    await decide({ 'accept-language': 'sv' });
    expect(await message(user.deviceId)).toMatchObject({ locale: 'da-DK' });
    await setLocale(user, 'user', 'nl');
    await decide({ 'accept-language': 'sv' });
    expect(await message(user.deviceId)).toMatchObject({ locale: 'nl' });
  });
});

describe('the SMS of a check', () => {
  test.each([
    ['login', 'en', /is your Sallyport code\. It works once/],
    ['add_device', 'en', /code to add a device for signing in\..*whoever has it can sign in as you\.$/],
    ['remove_device', 'nl', /om een apparaat te verwijderen\..*Was u dit niet\? Wijzig uw wachtwoord\.$/],
    ['change_phone', 'da', /for at ændre dit telefonnummer\..*den, der har den, får dine koder\.$/],
    ['disable', 'sv', /för att stänga av tvåstegsverifiering\..*Var det inte du\? Byt lösenord\.$/],
    ['regenerate_recovery_codes', 'cs', /k novym zaloznim kodum\..*muze se prihlasit za vas\.$/],
    ['transaction', 'sk', /na potvrdenie toho, co chcete urobit\..*Zmente si heslo\.$/],
  ])('says what it is for: %s', async (purpose, locale, words) => {
    const { accountId, userId, deviceId } = await smsUser({ locale });
    const { challenge } = (await call('POST', '/v1/challenges', { accountId, userId, purpose })).body;
    expect(challenge.send.deliveryId).toEqual(expect.any(String));
    const payload = await message(deviceId);
    if (payload.kind !== 'code') throw new Error('This is no code.');
    expect(smsText(payload)).toMatch(words);
  });
});

describe('advice', () => {
  const codes = (answer: { body: { advice: { code: string }[] } }) => answer.body.advice.map(({ code }) => code);

  test('comes with the first device, with a check, and with the user', async () => {
    const user = await panel.user(undefined, { locale: 'nl' });
    expect(codes(await call('GET', user.path))).toEqual([]);
    const added = await call('POST', `${user.path}/devices`, { method: 'sms', name: 'Phone', phone: '+31633999001' });
    const verified = await call('POST', `/v1/devices/${added.body.id}/verify`, {
      code: await panel.sentCode(added.body.id),
    });
    // The codes stand in this very answer: nobody can have acknowledged them.
    expect(verified.body.advice).toEqual([
      { code: 'sms_only', userMessage: expect.stringContaining('authenticator-app') },
    ]);
    expect(codes(await call('GET', user.path))).toEqual(['sms_only', 'recovery_codes_not_acknowledged']);
    const id = await panel.challenge(user);
    const code = await panel.sentCode(added.body.id);
    const approved = await call('POST', `/v1/challenges/${id}/verify`, { deviceId: added.body.id, code });
    expect(codes(approved)).toEqual(['sms_only', 'recovery_codes_not_acknowledged']);
    await call('POST', `${user.path}/recovery-codes/acknowledge`);
    expect(codes(await call('GET', user.path))).toEqual(['sms_only']);
  });

  test('counts the recovery codes as they are after the one that was used', async () => {
    const user = await panel.totpUser();
    await call('POST', `${user.path}/recovery-codes/acknowledge`);
    const seen: [number, string[]][] = [];
    for (const recoveryCode of user.recoveryCodes.slice(0, 7)) {
      const answer = await call('POST', `/v1/challenges/${await panel.challenge(user)}/verify`, { recoveryCode });
      seen.push([answer.body.recoveryCodesLeft, codes(answer)]);
    }
    expect(seen.slice(-2)).toEqual([
      [4, []],
      [3, ['recovery_codes_low']],
    ]);
    expect(codes(await call('GET', user.path))).toEqual(['recovery_codes_low']);
  });

  test('is silent about recovery codes where the policy has none', async () => {
    await call('PUT', '/v1/policy', { recoveryCodes: { count: 0 } });
    const user = await panel.totpUser();
    expect(codes(await call('GET', user.path))).toEqual([]);
  });
});

describe('what owners are told', () => {
  const jobs = (user: TestUser) =>
    panel.sql<{ type: string }>(
      `select e.type from outbox o join event e on e.id = o.payload ->> 'eventId'
       where o.job = 'notify-owner' and e.user_id = $1 order by e.id`,
      [user.userId],
    );
  const told = async (user: TestUser) => (await jobs(user)).map(({ type }) => type);

  test('starts with the events, without a word of their writers', async () => {
    const user = await panel.totpUser();
    expect(await told(user)).toEqual(['device.verified']);
    const [recoveryCode] = user.recoveryCodes;
    await call('POST', `/v1/challenges/${await panel.challenge(user)}/verify`, { recoveryCode });
    expect(await told(user)).toEqual(['device.verified', 'recovery_code.used']);
    const added = await call(
      'POST',
      `${user.path}/devices`,
      { method: 'totp', name: 'Second' },
      { 'sallyport-proof': await panel.proof(user, 'add_device') },
    );
    const second = await call('POST', `/v1/devices/${added.body.id}/verify`, { code: totp(added.body.totp.secret) });
    expect(second.status).toBe(200);
    const proof = await panel.proof(user, 'remove_device');
    const removed = await call('DELETE', `/v1/devices/${added.body.id}`, undefined, { 'sallyport-proof': proof });
    expect(removed.status).toBe(204);
    expect(await told(user)).toEqual(['device.verified', 'recovery_code.used', 'device.verified', 'device.removed']);
  });

  test('a change of the e-mail address keeps the old one for 72 hours, and shows it to nobody', async () => {
    const user = await panel.user(undefined, { email: 'first@a.example' });
    const put = async (email: string | null) => {
      const answer = await call('PUT', user.path, { email });
      expect(answer).toMatchObject({ status: 200, body: { email } });
      expect(answer.body).not.toHaveProperty('formerEmails');
      expect(JSON.stringify(answer.body)).not.toMatch(/first@a|\b72(?!\d)/);
    };
    const former = async () => {
      const [row] = await panel.sql<{ id: string; profile_sealed: Buffer }>(
        'select id, profile_sealed from app_user where external_id = $1',
        [user.userId],
      );
      const profile = JSON.parse(panel.sealer.openText('profile', row?.id ?? '', row?.profile_sealed ?? Buffer.of()));
      return profile.formerEmails as { address: string; until: string }[];
    };
    await call('PUT', user.path, { displayName: 'Anna' });
    await call('PUT', user.path, { email: 'first@a.example' });
    expect(await told(user)).toEqual([]);
    expect(await former()).toEqual([]);
    await put('second@a.example');
    expect(await told(user)).toEqual(['user.email_changed']);
    const [kept] = await former();
    expect(kept?.address).toBe('first@a.example');
    const hours = (Date.parse(kept?.until ?? '') - Date.now()) / 3_600_000;
    expect(hours).toBeGreaterThan(71.9);
    expect(hours).toBeLessThan(72.1);
    // Changing it again and again pushes nobody out.
    for (let n = 0; n < 8; n += 1) await put(`n${n}@a.example`);
    await put(null);
    const addresses = (await former()).map(({ address }) => address);
    expect(addresses.slice(0, 2)).toEqual(['first@a.example', 'second@a.example']);
    expect(addresses.length).toBeLessThan(10);
    // No event or list tells addresses.
    const { body } = await call('GET', `/v1/accounts/${user.accountId}/users`);
    expect(JSON.stringify(body)).not.toContain('@a.example');
    const events = await panel.sql<{ data: object }>(
      `select data - 'apiKeyId' as data from event where type = 'user.email_changed'`,
    );
    expect(events.length).toBe(10);
    for (const { data } of events) expect(data).toEqual({});
  });

  test('an enrolment that is given up is not told', async () => {
    const user = await panel.user();
    const added = await call('POST', `${user.path}/devices`, { method: 'totp', name: 'App' });
    expect((await call('DELETE', `/v1/devices/${added.body.id}`)).status).toBe(204);
    const [event] = await panel.sql<{ data: { reason: string } }>(
      `select data - 'apiKeyId' as data from event where type = 'device.removed' and user_id = $1`,
      [user.userId],
    );
    expect(event?.data.reason).toBe('enrolment_canceled');
  });
});
