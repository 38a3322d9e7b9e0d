/** A login with two-factor authentication in Express. ../README.md says how to start it, and what a panel does besides. */
import { randomUUID, scryptSync, timingSafeEqual } from 'node:crypto';
import express from 'express';
import session from 'express-session';
import { Sallyport, SallyportError } from '@sallyport/client';

const { SALLYPORT_URL = 'http://127.0.0.1:3000', SALLYPORT_API_KEY = '', SESSION_SECRET = randomUUID() } = process.env;
const sallyport = new Sallyport({ url: SALLYPORT_URL, apiKey: SALLYPORT_API_KEY });

/** The one person of this example. A panel has a table, and a salt for each row. */
const hash = (password) => scryptSync(password, 'one salt for each person', 32);
const jane = { accountId: 'acme', userId: 'jane', passwordHash: hash('correct horse') };
const { accountId, userId } = jane;
const escapes = { '&': '&amp;', '<': '&lt;', '>': '&gt;', '"': '&quot;', "'": '&#39;' };
const escape = (text) => String(text).replace(/[&<>"']/g, (character) => escapes[character]);
const page = (body, words = '') => `<!doctype html><html lang="en"><meta charset="utf-8"><title>Example</title>
  <h1>Example panel</h1><p role="alert">${escape(words)}</p>${body}</html>`;
const form = (to, fields, button) => `<form method="post" action="${to}">${fields}<button>${button}</button></form>`;
/** Each form has a key of its own: pressed or loaded twice, it still counts as one call to Sallyport. */
const keyField = () => `<input type="hidden" name="key" value="${randomUUID()}">`;
const keyOf = ({ key }) => ({ 'Idempotency-Key': /^[\da-f-]{36}$/.test(key) ? key : randomUUID() });
const codeField = '<label>Code <input name="code" autocomplete="one-time-code" required></label>';

const loginPage = (words) =>
  page(form('/login', '<input name="name"><input name="password" type="password">', 'Sign in'), words);

function codePage({ challenge }, words) {
  // A passkey needs a script in the page: see docs/passkeys.md.
  const devices = challenge.devices.filter(({ allowed, method }) => allowed && method !== 'webauthn');
  const chosen = challenge.send?.deviceId ?? devices.find(({ isDefault }) => isDefault)?.id;
  const choices = devices.map(({ id, name, maskedAddress }) => {
    const checked = id === chosen ? ' checked' : '';
    return `<label><input type="radio" name="deviceId" value="${id}"${checked}> ${escape(name)} ${escape(maskedAddress ?? '')}</label>`;
  });
  const sends = devices.flatMap(({ id, name, method }) => {
    const fields = `${keyField()}<input type="hidden" name="deviceId" value="${id}">`;
    return method === 'totp' ? [] : form('/send', fields, `Send code to ${escape(name)}`);
  });
  const verify = form('/code', keyField() + choices.join('') + codeField, 'Verify');
  return page(verify + sends.join('') + form('/logout', '', 'Cancel'), words);
}

/** A new session id whenever someone gets further: one that was known or planted before is worth nothing then. */
function renew(request, values) {
  return new Promise((done, fail) => {
    request.session.regenerate((error) => (error ? fail(error) : done(Object.assign(request.session, values))));
  });
}

const app = express();
app.use(express.urlencoded({ extended: false }));
// Behind HTTPS add `secure: true`, and keep sessions in a store.
const cookie = { httpOnly: true, sameSite: 'lax' };
app.use(session({ secret: SESSION_SECRET, resave: false, saveUninitialized: false, cookie }));

app.get('/', ({ session: { signedIn, pending } }, response) => {
  if (signedIn) response.send(page(`<p>You are signed in as Jane.</p>${form('/logout', '', 'Sign out')}`));
  else response.send(pending ? codePage(pending) : loginPage());
});

app.post('/login', async (request, response) => {
  const { name, password } = request.body;
  const isRight = timingSafeEqual(hash(String(password)), jane.passwordHash) && name === 'jane';
  if (!isRight) return response.status(403).send(loginPage('Name or password is wrong.'));

  // The person is known to Sallyport by the panel's own ids.
  await sallyport.put('/v1/accounts/{accountId}', { params: { path: { accountId } }, body: {} });
  await sallyport.put('/v1/accounts/{accountId}/users/{userId}', { params: { path: { accountId, userId } }, body: {} });
  const context = { ip: request.ip, userAgent: request.get('user-agent') };
  const answer = await sallyport.post('/v1/challenges', { body: { accountId, userId, purpose: 'login', context } });
  if (answer.decision === 'deny') return response.status(403).send(loginPage(answer.userMessage));
  if (answer.decision === 'enroll') return response.status(403).send(loginPage('Set up a device first: see ../php.'));
  // The challenge stays here, on the server. The browser gets a form.
  await renew(request, answer.decision === 'allow' ? { signedIn: true } : { pending: { challenge: answer.challenge } });
  return response.redirect(303, '/');
});

app.post('/send', async ({ body, session: { pending } }, response) => {
  if (!pending) return response.redirect(303, '/');
  const path = { challengeId: pending.challenge.id };
  const named = { deviceId: String(body.deviceId) };
  await sallyport.post('/v1/challenges/{challengeId}/codes', { params: { path }, headers: keyOf(body), body: named });
  return response.send(codePage(pending, 'The code is on its way.'));
});

app.post('/code', async (request, response) => {
  const { pending } = request.session;
  if (!pending) return response.redirect(303, '/');
  const { deviceId } = request.body;
  // As people type and paste codes: "123 456", "123-456". What is no code is a recovery code.
  const code = String(request.body.code).replace(/[\s-]/g, '');
  const challengeId = pending.challenge.id;
  const { proof } = await sallyport.post('/v1/challenges/{challengeId}/verify', {
    params: { path: { challengeId } },
    headers: keyOf(request.body),
    body: /^(\d{6}|\d{8})$/.test(code) ? { code, ...(deviceId && { deviceId }) } : { recoveryCode: code },
  });
  // Checked here, by Sallyport's public keys: the right person, purpose and challenge.
  await sallyport.verifyProof(proof, { accountId, userId, purpose: 'login', challengeId });
  await renew(request, { signedIn: true });
  return response.redirect(303, '/');
});

app.post('/logout', ({ session: ended }, response) => ended.destroy(() => response.redirect(303, '/')));

/** A refusal has words for the person; a wrong API key is not theirs to know. Without an answer nobody gets in. */
app.use((error, { session: visit }, response, _next) => {
  const isRefusal = error instanceof SallyportError && error.status < 500 && ![401, 403].includes(error.status);
  if (!isRefusal) process.stderr.write(`${error instanceof SallyportError ? error.message : error.stack}\n`);
  if (['challenge_expired', 'challenge_not_pending', 'not_found', 'proof_invalid'].includes(error.code))
    delete visit.pending;
  const away = 'Signing in does not work at the moment. Please try again in a minute.';
  const words = isRefusal ? (error.userMessage ?? error.title) : away;
  response.status(isRefusal ? error.status : 503);
  response.send(visit.pending ? codePage(visit.pending, words) : loginPage(words));
});

const server = app.listen(Number(process.env.PORT ?? 3004), '127.0.0.1');
server.on('listening', () => process.stdout.write(`http://127.0.0.1:${server.address().port}\n`));
