import { createHash, randomBytes, timingSafeEqual } from 'node:crypto';
import { findApiKeyOwner, type Database } from '#persistence';

/** Whether somebody with a password may enter. */
export type Door = (password: string) => Promise<boolean>;

/** A password for this time. */
export function oneTimeDoor(): { readonly password: string; readonly door: Door } {
  const password = randomBytes(18).toString('base64url');
  const expected = hashOf(password);
  return { password, door: async (given) => timingSafeEqual(hashOf(given), expected) };
}

/** How long a key is believed without asking the database: a page asks for many things at once. */
const believedMs = 5000;

/** API keys of one tenant with the scope `admin`: the operator says whose, since the queues hold the jobs of all tenants. */
export function keyDoor(database: Database, tenantId: string): Door {
  const believed = new Map<string, number>();
  return async (key) => {
    const name = hashOf(key).toString('base64');
    if ((believed.get(name) ?? 0) > performance.now()) return true;
    believed.delete(name);
    if (!/^sp_[\w-]{1,100}$/.test(key)) return false;
    const owner = await findApiKeyOwner(database, key);
    const enters = owner?.tenantId === tenantId && owner.application === null && owner.scopes.includes('admin');
    if (enters) believed.set(name, performance.now() + believedMs);
    return enters;
  };
}

function hashOf(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}
