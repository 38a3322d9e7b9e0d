import type { FastifyRequest } from 'fastify';

/** Ids that are remembered with their user. */
const rememberedIds = 20_000;

type Answer = {
  readonly id?: unknown;
  readonly challenge?: { readonly id?: unknown; readonly devices?: readonly { readonly id?: unknown }[] };
  readonly devices?: readonly { readonly id?: unknown }[];
  readonly data?: readonly { readonly id?: unknown }[];
} | null;

/**
 * Whom a call is about, from its address and body alone, without a question to the database. A challenge or device that this
 * process has shown belongs to the user that it was shown for; of any other, its own id stands for the user.
 */
export class UsersOfCalls {
  private readonly known = new Map<string, string>();

  /** @returns the same name for all calls about one user; undefined where the call is about none */
  of(request: Pick<FastifyRequest, 'params' | 'body' | 'caller'>): string | undefined {
    const { accountId, userId, challengeId, deviceId } = {
      ...fieldsOf(request.body, ['accountId', 'userId']),
      ...fieldsOf(request.params, ['accountId', 'userId', 'challengeId', 'deviceId']),
    };
    const tenantId = request.caller?.tenantId ?? '';
    if (accountId !== undefined && userId !== undefined) return JSON.stringify([tenantId, accountId, userId]);
    const id = challengeId ?? deviceId;
    return id === undefined ? undefined : (this.known.get(`${tenantId} ${id}`) ?? `${tenantId} ${id}`);
  }

  /** Remembers what an answer shows of a user. */
  learn(user: string | undefined, answer: unknown): void {
    if (user?.startsWith('[') !== true || typeof answer !== 'object') return;
    const [tenantId] = JSON.parse(user) as [string];
    const { id, challenge, devices, data } = (answer ?? {}) as NonNullable<Answer>;
    const shown = [{ id }, challenge, ...(challenge?.devices ?? []), ...(devices ?? []), ...(data ?? [])];
    for (const one of shown) {
      if (typeof one?.id === 'string' && /^(chl|dev)_/.test(one.id)) this.remember(`${tenantId} ${one.id}`, user);
    }
  }

  private remember(key: string, user: string): void {
    // The latest last.
    this.known.delete(key);
    this.known.set(key, user);
    const [oldest] = this.known.keys();
    if (this.known.size > rememberedIds && oldest !== undefined) this.known.delete(oldest);
  }
}

function fieldsOf<Name extends string>(from: unknown, names: readonly Name[]): Partial<Record<Name, string>> {
  if (typeof from !== 'object' || from === null) return {};
  const found: Partial<Record<Name, string>> = {};
  for (const name of names) {
    const value = (from as Record<string, unknown>)[name];
    if (typeof value === 'string') found[name] = value;
  }
  return found;
}
