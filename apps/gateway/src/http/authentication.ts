import { Injectable } from '@nestjs/common';
import { Database, findApiKey, type ApiKeyOwner, type FoundApiKeyOwner } from '#persistence';
import { tooMany } from './overload.js';

/** How long a key that was in force is believed without asking the database again, and how many are remembered. */
const rememberedMs = 5000;
const rememberedKeys = 1000;

/** Keys never seen before that are looked for at once: whoever tries keys takes no connection from those who have one. */
const unknownAtOnce = 16;
/** Calls that may wait for the database to tell whose their key is. It takes a millisecond, unless the database hangs. */
const waitingAtOnce = 1000;

/** Whose a key is; `ended` where it is so no more. */
export type KeyOwner = ApiKeyOwner & Partial<Pick<FoundApiKeyOwner, 'ended'>>;

/** Knows whose an API key is. A revoked key stops within five seconds, in this process at once; one that ends by itself, then. */
@Injectable()
export class Authentication {
  /** Also those that have to be asked for again: a key that was good a moment ago goes before one never seen. */
  private readonly remembered = new Map<string, { owner: ApiKeyOwner; until: number }>();
  /** One question for each key, however many calls wait for its answer. */
  private readonly asked = new Map<string, Promise<KeyOwner | undefined>>();
  private unknown = 0;
  private waiting = 0;

  constructor(private readonly database: Database) {}

  /** The key of an `Authorization` header, or undefined where it can be none. */
  keyOf(header: string | undefined): string | undefined {
    return header === undefined ? undefined : /^Bearer (sp_[\w-]{20,100})$/i.exec(header)?.[1];
  }

  /** The owner of a key that was in force within the last seconds. */
  recall(key: string): ApiKeyOwner | undefined {
    const known = this.remembered.get(key);
    return known && performance.now() < known.until ? known.owner : undefined;
  }

  /**
   * Asks the database.
   * @returns undefined where there never was such a key; one that has ended says so
   * @throws {Problem} `unavailable` where too many ask
   */
  async find(key: string): Promise<KeyOwner | undefined> {
    if (this.waiting >= waitingAtOnce) throw tooMany();
    this.waiting += 1;
    try {
      return await (this.asked.get(key) ?? this.ask(key));
    } finally {
      this.waiting -= 1;
    }
  }

  /** Forgets a key at once. */
  forget(apiKeyId: string): void {
    for (const [key, { owner }] of this.remembered) if (owner.apiKeyId === apiKeyId) this.remembered.delete(key);
  }

  private ask(key: string): Promise<KeyOwner | undefined> {
    const unknown = this.remembered.has(key) ? 0 : 1;
    if (unknown === 1 && this.unknown >= unknownAtOnce) throw tooMany();
    this.unknown += unknown;
    const answer = this.lookUp(key).finally(() => {
      this.unknown -= unknown;
      this.asked.delete(key);
    });
    this.asked.set(key, answer);
    return answer;
  }

  private async lookUp(key: string): Promise<KeyOwner | undefined> {
    // A time that it is given is counted from before it is asked for: it ends no later than the database has it.
    const asked = performance.now();
    const owner = await findApiKey(this.database, key);
    this.remembered.delete(key);
    if (!owner || owner.ended) return owner;
    if (this.remembered.size >= rememberedKeys) this.remembered.clear();
    const { endsInMs, ended: _, ...known } = owner;
    const until = asked + Math.min(rememberedMs, endsInMs ?? rememberedMs);
    this.remembered.set(key, { owner: known, until });
    return known;
  }
}
