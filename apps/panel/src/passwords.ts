import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/** OWASP Password Storage Cheat Sheet: N = 2^15, r = 8, p = 3; 32 MiB a check. */
const recommended = 2 ** 15;
const bytes = 32;

const derive = (password: string, salt: Buffer, N: number) =>
  new Promise<Buffer>((done, fail) => {
    const cost = { N, r: 8, p: 3, maxmem: 2 ** 26 };
    scrypt(password.normalize('NFKC'), salt, bytes, cost, (error, key) => (error ? fail(error) : done(key)));
  });

/**
 * @param N what a check costs: a power of two
 * @returns salt and key, base64url, and N, with dots between: a hash stays good when new ones cost more
 */
export async function hashPassword(password: string, N = recommended): Promise<string> {
  const salt = randomBytes(16);
  return `${salt.toString('base64url')}.${(await derive(password, salt, N)).toString('base64url')}.${N}`;
}

/** @param hash undefined where there is no such person, which takes as long to find out as a wrong password */
export async function isPassword(password: string, hash: string | undefined): Promise<boolean> {
  const [salt = '', key = '', N = recommended] = (hash ?? '').split('.');
  const derived = await derive(password, Buffer.from(salt, 'base64url'), Number(N));
  const known = Buffer.from(key, 'base64url');
  return hash !== undefined && known.length === derived.length && timingSafeEqual(known, derived);
}
