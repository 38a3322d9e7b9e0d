import { createServer } from 'node:http';
import { betterAuth } from 'better-auth';
import { getMigrations } from 'better-auth/db/migration';
import { toNodeHandler } from 'better-auth/node';
import { twoFactor } from 'better-auth/plugins';
import pg from 'pg';

/*
 * better-auth with its twoFactor plugin, as its documentation says, to be measured beside Sallyport: says its port, and for
 * each number that it is sent, so many logins that wait for the code of an app. Ends with the one that started it.
 */
const users = 500;
const password = 'correct horse battery staple';
// Logging in is not what is measured, and hashing would take most of the time until it can be.
const cheap = { hash: async (text) => text, verify: async ({ hash, password: entered }) => hash === entered };

const pool = new pg.Pool({ connectionString: process.env.DATABASE_URL, max: 16 });
const auth = betterAuth({
  appName: 'Bench',
  baseURL: 'http://127.0.0.1',
  secret: 'c29tZSBieXRlcyB0aGF0IGFyZSBsb25nIGVub3VnaA',
  database: pool,
  emailAndPassword: { enabled: true, password: cheap },
  plugins: [twoFactor({ issuer: 'Bench', skipVerificationOnEnable: true })],
  rateLimit: { enabled: false },
  telemetry: { enabled: false },
  logger: { level: 'error' },
});
const { runMigrations } = await getMigrations(auth.options);
await runMigrations();

async function call(path, body, cookie = '') {
  const headers = { 'content-type': 'application/json', origin: 'http://127.0.0.1', cookie };
  const request = new Request(`http://127.0.0.1/api/auth${path}`, {
    method: 'POST',
    headers,
    body: JSON.stringify(body),
  });
  const response = await auth.handler(request);
  const text = await response.text();
  if (!response.ok) throw new Error(`${path}: ${response.status} ${text}`);
  const cookies = response.headers.getSetCookie().map((each) => each.split(';', 1)[0]);
  return { body: JSON.parse(text), cookie: cookies.filter((each) => !each.endsWith('=')).join('; ') };
}

const people = [];
for (let number = 0; number < users; number += 1) {
  const email = `user-${number}@bench.example`;
  const { cookie } = await call('/sign-up/email', { name: 'Bench', email, password });
  const { body } = await call('/two-factor/enable', { password }, cookie);
  people.push({ email, secret: new URL(body.totpURI).searchParams.get('secret') });
}

/** In turn, so that those who log in at a time are different people. */
async function logIn(index) {
  const { email, secret } = people[index % people.length];
  const { cookie } = await call('/sign-in/email', { email, password });
  return { cookie, secret };
}

process.on('message', async (count) => {
  const logins = [];
  while (logins.length < count) {
    const next = Array.from({ length: Math.min(32, count - logins.length) }, (_, index) =>
      logIn(logins.length + index),
    );
    logins.push(...(await Promise.all(next)));
  }
  process.send(logins);
});
process.once('disconnect', () => process.exit());

const server = createServer(toNodeHandler(auth));
server.listen(0, '127.0.0.1', () => process.send({ port: server.address().port }));
