/** Groups that scenarios are asked for by, and what they are about. */
export const groups = {
  core: 'the way of a login, from the decision to the audit log',
  peer: 'another library at the same work; its packages are installed the first time',
  calls: 'what else comes in at a login',
  connections: 'the same check from few and from many connections',
  processes: 'how it is run',
  workers: 'SMS workers beside each other, with a provider that takes 100 ms',
  stream: 'the live log',
  big: 'beside tables that are full (--devices, --events); filling them takes minutes',
} as const;
export type GroupName = keyof typeof groups;

interface Entry<Name extends string> {
  /** What the row of the result says. */
  readonly title: string;
  readonly group: GroupName;
  /** Whose figures its ratio or its own load goes by: they are measured in the same rounds. */
  readonly beside?: readonly Name[];
}

const entries = {
  verify: { title: 'verify TOTP', group: 'core' },
  'half-load': { title: 'verify TOTP at half of that load', group: 'core', beside: ['verify'] },
  decision: { title: 'decision that needs no challenge', group: 'core', beside: ['verify'] },
  'challenge-sms': { title: 'challenge with an SMS accepted', group: 'core', beside: ['verify'] },
  relay: { title: 'relay: outbox rows', group: 'core' },
  'sms-worker': { title: 'SMS worker, provider that answers at once', group: 'core' },
  'hand-over': {
    title: 'SMS accepted until the provider has it, at half load',
    group: 'core',
    beside: ['challenge-sms', 'sms-worker'],
  },
  sealing: { title: 'sealing: events', group: 'core' },
  'better-auth': { title: '*peer*: better-auth twoFactor, verify-totp', group: 'peer', beside: ['verify'] },
  'challenge-app': { title: 'challenge for an app', group: 'calls', beside: ['verify'] },
  'recovery-code': { title: 'verify a recovery code', group: 'calls', beside: ['verify'] },
  passkey: { title: 'verify a passkey', group: 'calls', beside: ['verify'] },
  'wrong-code': { title: 'a wrong code, refused', group: 'calls', beside: ['verify'] },
  locked: { title: 'a right code while the device is locked, refused', group: 'calls', beside: ['verify'] },
  enrolment: { title: 'enrolment of an app begun', group: 'calls', beside: ['verify'] },
  'enrolment-verify': { title: 'enrolment of an app verified', group: 'calls', beside: ['verify'] },
  mix: { title: 'mix: 80 % TOTP, 15 % SMS challenges, 5 % recovery codes', group: 'calls', beside: ['verify'] },
  'connections-1': { title: 'verify TOTP, 1 connection', group: 'connections', beside: ['verify'] },
  'connections-8': { title: 'verify TOTP, 8 connections', group: 'connections', beside: ['verify'] },
  'connections-128': { title: 'verify TOTP, 128 connections', group: 'connections', beside: ['verify'] },
  'unix-socket': { title: 'verify TOTP, PostgreSQL by its Unix socket', group: 'processes', beside: ['verify'] },
  'gateways-2': { title: 'verify TOTP, 2 gateways', group: 'processes', beside: ['verify'] },
  traced: { title: 'verify TOTP, a trace of each call', group: 'processes', beside: ['verify'] },
  'traced-part': { title: 'verify TOTP, a trace of one call in a hundred', group: 'processes', beside: ['verify'] },
  start: { title: 'gateway: start to ready', group: 'processes' },
  'start-all': { title: 'everything in one (npm start): start to ready', group: 'processes' },
  'sms-workers-1': { title: '1 SMS worker, provider at 100 ms', group: 'workers' },
  'sms-workers-2': { title: '2 SMS workers, provider at 100 ms', group: 'workers', beside: ['sms-workers-1'] },
  'sms-workers-4': { title: '4 SMS workers, provider at 100 ms', group: 'workers', beside: ['sms-workers-1'] },
  stream: { title: 'live log: events to 200 clients', group: 'stream' },
  'verify-big': { title: 'verify TOTP, large tables', group: 'big', beside: ['verify'] },
  'decision-big': { title: 'decision, large tables', group: 'big', beside: ['decision'] },
  'challenge-sms-big': { title: 'challenge with an SMS, large tables', group: 'big', beside: ['challenge-sms'] },
  'recovery-code-big': { title: 'verify a recovery code, large tables', group: 'big', beside: ['recovery-code'] },
} as const satisfies Record<string, Entry<string>>;

export type ScenarioName = keyof typeof entries;

/** What can be measured, in the order of a round. */
export const catalogue: Readonly<Record<ScenarioName, Entry<ScenarioName>>> = entries;
export const scenarioNames = Object.keys(catalogue) as ScenarioName[];
