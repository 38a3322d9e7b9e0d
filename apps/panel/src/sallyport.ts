import { AsyncLocalStorage } from 'node:async_hooks';
import { Sallyport } from '#client';

/** What one request of the panel cost at Sallyport. */
export interface Spent {
  calls: number;
  /** ms */
  time: number;
}

const spending = new AsyncLocalStorage<Spent>();

/** Counts the calls that are made meanwhile, for `Server-Timing`. */
export function counting<T>(spent: Spent, work: () => Promise<T>): Promise<T> {
  return spending.run(spent, work);
}

const countedFetch: typeof fetch = async (input, init) => {
  const began = performance.now();
  try {
    return await fetch(input, init);
  } finally {
    const spent = spending.getStore();
    if (spent) {
      spent.calls += 1;
      spent.time += performance.now() - began;
    }
  }
};

/** Two keys, as a panel should have them: people's pages can do nothing that takes the administration's. */
export interface Doors {
  /** Scopes `accounts`, `devices`, `challenges`. */
  readonly people: Sallyport;
  /** The same with `audit` and `admin`. */
  readonly administration: Sallyport;
}

export function openDoors(url: string, keys: { readonly apiKey: string; readonly adminApiKey: string }): Doors {
  return {
    people: new Sallyport({ url, apiKey: keys.apiKey, fetch: countedFetch }),
    administration: new Sallyport({ url, apiKey: keys.adminApiKey, fetch: countedFetch }),
  };
}
