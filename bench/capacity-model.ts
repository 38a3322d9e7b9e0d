/** What an installation is for. */
export interface Demand {
  readonly users: number;
  /** Logins with a second factor that a user makes in a day, on average. */
  readonly loginsADay: number;
  /** Of those logins, from 0 to 1. The rest is by an app. */
  readonly smsShare: number;
  /** How many times the mean rate of a day the busiest minute has. */
  readonly peak: number;
  /** What the SMS provider takes for an answer, in ms. */
  readonly providerMs: number;
}

/** CPU time of one unit in µs: of our process, and of PostgreSQL. */
interface Cost {
  readonly node: number;
  readonly database: number;
}

/** What one unit costs on one machine, as `npm run bench` tells. */
export interface Costs {
  readonly challengeApp: Cost;
  readonly challengeSms: Cost;
  readonly verify: Cost;
  /** Of an outbox row. */
  readonly relay: Cost;
  /** Of a message. */
  readonly smsWorker: Cost;
  /** Of an event. */
  readonly sealing: Cost;
  /** What a message takes of a worker's place besides the provider's answer, in ms. */
  readonly smsOverheadMs: number;
}

/** Bytes with indexes that a login leaves for ever, by its method (`node bench/tables.ts`), and events that it writes. */
export const bytesOfLogin = { app: 2900, sms: 6200 } as const;
const eventsOfLogin = { app: 2, sms: 4 } as const;
/** Bytes with indexes of a user with a device and ten recovery codes. */
export const bytesOfUser = 3600;

/** Messages that an SMS worker has in hand at a time, unless `SMS_CONCURRENCY` says something else. */
const smsInHand = 50;
/** Connections to PostgreSQL that a process keeps at most. */
export const connectionsOf = {
  gateway: 16,
  relay: 4,
  'sms-worker': 10,
  'audit-worker': 3,
  'lockout-worker': 6,
} as const;
/** Part of a core that is planned with: above it, waits grow faster than work. */
const plannedShare = 0.5;

export interface Capacity {
  /** Logins a second in the busiest minute. */
  readonly loginsPerSecond: number;
  readonly smsPerSecond: number;
  /** Cores that work without a pause in the busiest minute. */
  readonly cores: { readonly gateways: number; readonly workers: number; readonly database: number };
  readonly processes: Readonly<Record<keyof typeof connectionsOf, number>>;
  /** To PostgreSQL, at most; without what operators and monitoring take. */
  readonly connections: number;
  readonly diskGb: { readonly users: number; readonly perYear: number };
}

const secondsOfDay = 86_400;
const daysOfYear = 365;

/** What an installation needs; every process twice at least, so that one may be away. */
export function capacityFor(demand: Demand, costs: Costs): Capacity {
  const { users, loginsADay, smsShare, peak, providerMs } = demand;
  const loginsPerSecond = ((users * loginsADay) / secondsOfDay) * peak;
  const sms = loginsPerSecond * smsShare;
  const app = loginsPerSecond - sms;
  const events = app * eventsOfLogin.app + sms * eventsOfLogin.sms;
  /** By rate: what is done so many times a second. */
  const work: readonly (readonly [number, Cost, 'gateway' | 'worker'])[] = [
    [app, costs.challengeApp, 'gateway'],
    [sms, costs.challengeSms, 'gateway'],
    [loginsPerSecond, costs.verify, 'gateway'],
    [sms, costs.relay, 'worker'],
    [sms, costs.smsWorker, 'worker'],
    [events, costs.sealing, 'worker'],
  ];
  const coresOf = (who: 'gateway' | 'worker') =>
    work.reduce((sum, [rate, { node }, whose]) => sum + (whose === who ? rate * node : 0), 0) / 1e6;
  const cores = {
    gateways: coresOf('gateway'),
    workers: coresOf('worker'),
    database: work.reduce((sum, [rate, { database }]) => sum + rate * database, 0) / 1e6,
  };
  const twice = (count: number) => Math.max(2, Math.ceil(count));
  const perWorker = Math.min(
    (smsInHand * 1000) / (providerMs + costs.smsOverheadMs),
    (plannedShare * 1e6) / costs.smsWorker.node,
  );
  const processes = {
    // A process of Node.js computes on one core.
    gateway: twice(cores.gateways / plannedShare),
    relay: twice((sms * costs.relay.node) / 1e6 / plannedShare),
    'sms-worker': twice(sms / perWorker),
    'audit-worker': 1,
    'lockout-worker': 2,
  };
  const connections = Object.entries(connectionsOf).reduce(
    (sum, [name, each]) => sum + each * processes[name as keyof typeof processes],
    0,
  );
  const bytesADay = users * loginsADay * (smsShare * bytesOfLogin.sms + (1 - smsShare) * bytesOfLogin.app);
  const gb = (bytes: number) => bytes / 1e9;
  return {
    loginsPerSecond,
    smsPerSecond: sms,
    cores,
    processes,
    connections,
    diskGb: { users: gb(users * bytesOfUser), perYear: gb(bytesADay * daysOfYear) },
  };
}

/** Units a second that a machine does that has nothing else to do: so the model is compared with what was measured. */
export function mostPerSecond({ node, database }: Cost, cores: number): number {
  return (cores * 1e6) / (node + database);
}

/** Messages a second of SMS workers on one machine that is theirs. @param inHand of each worker */
export function mostSmsPerSecond(
  costs: Costs,
  { workers, inHand, providerMs }: { readonly workers: number; readonly inHand: number; readonly providerMs: number },
  cores: number,
): number {
  const byPlaces = (workers * inHand * 1000) / (providerMs + costs.smsOverheadMs);
  return Math.min(byPlaces, mostPerSecond(costs.smsWorker, cores));
}
