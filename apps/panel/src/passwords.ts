import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/** OWASP Password Storage Cheat Sheet: N = 2^15, r = 8, p = 3; 32 MiB a check. */
const cost = { N: 2 ** 15, r: 8, p: 3, maxmem: 2 ** 26 };
const bytes = 32;

const derive = (password: string, salt: Buffer) =>
  new Promise<Buffer>((done, fail) => {
    scrypt(password.normalize('NFKC'), salt, bytes, cost, (error, key) => (error ? fail(error) : done(key)));
  });

/** @returns salt and key, base64url, with a dot between */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(16);
  return `${salt.toString('base64url')}.${(await derive(password, salt)).toString('base64url')}`;
}

/** @param hash undefined where there is no such person, which takes as long to find out as a wrong password */
export async function isPassword(password: string, hash: string | undefined): Promise<boolean> {
  const [salt = '', key = ''] = (hash ?? '').split('.');
  const derived = await derive(password, Buffer.from(salt, 'base64url'));
  const known = Buffer.from(key, 'base64url');
  return hash !== undefined && known.length === derived.length && timingSafeEqual(known, derived);
}
