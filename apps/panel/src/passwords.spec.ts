import { describe, expect, test } from '@jest/globals';
import { hashPassword, isPassword } from './passwords.js';

describe('the hash of a password', () => {
  test('is opened by the password alone', async () => {
    const hash = await hashPassword('correct horse');
    expect(hash).toMatch(/^[\w-]{22}\.[\w-]{43}\.32768$/);
    expect(await isPassword('correct horse', hash)).toBe(true);
    expect(await isPassword('correct hors', hash)).toBe(false);
    expect(await isPassword('correct horse', undefined)).toBe(false);
    expect(await isPassword('', undefined)).toBe(false);
  });

  test('goes by the cost at which it was made; one that does not tell was made at the usual one', async () => {
    const cheap = await hashPassword('correct horse', 2);
    expect(await isPassword('correct horse', cheap)).toBe(true);
    expect(await isPassword('correct hors', cheap)).toBe(false);
    expect(await isPassword('correct horse', cheap.replace(/2$/, '4'))).toBe(false);
    const [salt, key] = (await hashPassword('correct horse')).split('.');
    expect(await isPassword('correct horse', `${salt}.${key}`)).toBe(true);
  });
});
