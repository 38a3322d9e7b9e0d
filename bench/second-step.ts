import { generateSync } from 'otplib';
import { panelAccess, startSystem, temporaryDataDir } from '../test/support/system.ts';
import { answerHelp } from '../scripts/answer-help.ts';
import { hiddenField, Visitor } from '../test/support/visitor.ts';

/**
 * `npm run bench:second-step`: what the reference panel's own `Server-Timing` says of the second step of a login, from the
 * click to the next page: the form with the code, and the page behind both doors. Everything in one process, as `npm start`.
 */
answerHelp('npm run bench:second-step: measures the second step of a login in the reference panel.');

const logins = 40;
const warmUp = 5;

const folder = await temporaryDataDir();
const system = await startSystem(folder.path);
try {
  const { adminApiKey, password } = await panelAccess(folder.path);
  const user = '/v1/accounts/harbour/users/anna';
  const call = (method: string, path: string, body: object) =>
    system.call(method, path, body, { authorization: `Bearer ${adminApiKey}` });
  const codeOf = (secret: string, steps = 0) =>
    generateSync({ secret, epoch: Math.floor(Date.now() / 1000) + steps * 30 });

  const found: { check: number; page: number; calls: string }[] = [];
  for (let login = 0; login < warmUp + logins; login += 1) {
    await call('POST', `${user}/two-factor/reset`, { reason: 'A measurement.' });
    const { id, totp } = (await call('POST', `${user}/devices`, { method: 'totp', name: 'App' })).body;
    const verify = () => call('POST', `/v1/devices/${id}/verify`, { code: codeOf(totp.secret, -1) });
    // A step may end on the way; the one before is then another.
    if ((await verify()).status !== 200) await verify();
    const visitor = new Visitor(system.panelUrl);
    await visitor.post('/sign-in', { name: 'anna', password });
    const { text } = await visitor.get('/second-step');
    const form = { check: hiddenField(text, 'check'), code: codeOf(totp.secret) };
    const check = await visitor.post('/second-step', form);
    const page = await visitor.get(check.location ?? '/');
    if (page.status !== 200 || check.location !== '/') throw new Error(`The login led to ${page.status}.`);
    const timing = (headers: Headers) => headers.get('server-timing') ?? '';
    const total = (headers: Headers) => Number(/total;dur=([\d.]+)/.exec(timing(headers))?.[1]);
    const calls = /desc="(\d+) calls"/.exec(timing(check.headers))?.[1] ?? '';
    if (login >= warmUp) found.push({ check: total(check.headers), page: total(page.headers), calls });
  }

  const both = found.map(({ check, page }) => check + page).toSorted((a, b) => a - b);
  const at = (share: number) => both[Math.min(both.length - 1, Math.floor(both.length * share))]?.toFixed(1);
  const calls = [...new Set(found.map((each) => each.calls))].join(', ');
  process.stdout.write(
    `Second step, ${logins} logins one after the other, ms by Server-Timing (form and next page together): ` +
      `median ${at(0.5)}, p95 ${at(0.95)}, largest ${at(1)}; calls of Sallyport: ${calls}\n`,
  );
} finally {
  await system.stop();
  await folder.remove();
}
