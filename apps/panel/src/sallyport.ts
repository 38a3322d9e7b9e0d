import { AsyncLocalStorage } from 'node:async_hooks';
import { Sallyport } from '#client';

/** What one request of the panel asks of Sallyport. */
export interface Asked {
  calls: number;
  /** ms */
  time: number;
  /** Of the press of a button that it is done for: the `Idempotency-Key` of every change. */
  key?: string;
}

const asking = new AsyncLocalStorage<Asked>();

/** Notes the calls that are made meanwhile: counts them for `Server-Timing`, and gives them the key of the press. */
export function noting<T>(asked: Asked, work: () => Promise<T>): Promise<T> {
  return asking.run(asked, work);
}

/** For calls that belong to no page. */
export function unnoted<T>(work: () => Promise<T>): Promise<T> {
  return asking.exit(work);
}

const notedFetch = async (request: Request) => {
  const began = performance.now();
  const asked = asking.getStore();
  if (asked?.key !== undefined && request.method !== 'GET') request.headers.set('idempotency-key', asked.key);
  try {
    return await fetch(request);
  } finally {
    if (asked) {
      asked.calls += 1;
      asked.time += performance.now() - began;
    }
  }
};

/** Two keys, as a panel should have them: people's pages can do nothing that takes the administration's. */
export interface Doors {
  /** Scopes `accounts`, `devices`, `challenges`, and `audit:personal` for what people see of themselves. */
  readonly people: Sallyport;
  /** The same with `audit` and `admin`. */
  readonly administration: Sallyport;
}

export function openDoors(url: string, keys: { readonly apiKey: string; readonly adminApiKey: string }): Doors {
  return {
    people: new Sallyport({ url, apiKey: keys.apiKey, fetch: notedFetch }),
    administration: new Sallyport({ url, apiKey: keys.adminApiKey, fetch: notedFetch }),
  };
}
