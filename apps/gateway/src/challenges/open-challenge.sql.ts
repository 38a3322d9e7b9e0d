import { appendEvents, changingBatchStatement, noOutcomes, sql } from '#persistence';
import { plainSendParts } from '../codes/plain-send.sql.js';
import { sendCodeParts, sendingColumns, sendingOutcomes, type SendingRow } from '../codes/send-code.sql.js';

/** A challenge to be opened; what is binary in base64. */
export interface NewChallenge {
  readonly challenge_id: string;
  readonly tenant_id: string;
  readonly user_ref: string;
  readonly purpose: string;
  readonly application: string | null;
  readonly device_id: string | null;
  readonly enroll: boolean;
  readonly max_checks: number;
  readonly detail_sealed: string | null;
  readonly seconds: number;
  readonly user_agent_sealed: string | null;
  readonly place: string | null;
  readonly known: boolean;
  readonly events: object;
}

const fields = {
  challenge_id: 'text',
  tenant_id: 'text',
  user_ref: 'text',
  purpose: 'text',
  application: 'text',
  device_id: 'text',
  enroll: 'boolean',
  max_checks: 'int',
  detail_sealed: 'text',
  seconds: 'float8',
  user_agent_sealed: 'text',
  place: 'text',
  known: 'boolean',
  events: 'jsonb',
};

/** The users who are not just being erased. */
const present = (orPass: string) => sql`
  present as (select asked.* from asked join app_user u on u.id = asked.user_ref for key share of u ${orPass})`;

const opened = (from: string) => sql`
  opened as (
    insert into challenge
      (id, tenant_id, user_id, purpose, application, device_id, enroll, max_checks, detail_sealed, expires_at,
       user_agent_sealed, place, known)
    select challenge_id, tenant_id, user_ref, purpose, application, device_id, enroll, max_checks,
      decode(detail_sealed, 'base64'), now() + make_interval(secs => seconds), decode(user_agent_sealed, 'base64'),
      decode(place, 'base64'), known
    from ${from}
    returning id, expires_at as "expiresAt"
  )`;

export const openChallenge = changingBatchStatement<Pick<OpenedRow, 'expiresAt'>, NewChallenge>(
  'challenge.create',
  fields,
  [],
  (asked, orPass) => sql`with ${asked}, ${present(orPass)}, ${opened('present')},
   guard as (select p.events, ${noOutcomes} from present p), ${appendEvents('g.events', 'guard')}
   select p.n, o."expiresAt" from present p join opened o on o.id = p.challenge_id`,
);

/** With a code, that goes out at once. */
export interface SendingChallenge extends NewChallenge {
  /** `SendValues.send` */
  readonly send: object;
  /** What the phone's or the mailbox's messages of the day are counted under, in base64. */
  readonly quota_key: string;
  /** Messages of a day that are counted under it. */
  readonly quota_bound: number;
}

/**
 * Those whose code nothing stands in the way of go together. Every other one is decided by itself, by the statement for one:
 * it opens the challenge whatever becomes of the code, and says why.
 */
export const openChallengeAndSend = changingBatchStatement<OpenedRow, SendingChallenge>(
  'challenge.create-and-send',
  { ...fields, send: 'jsonb', quota_key: 'text', quota_bound: 'int' },
  ['quota_key'],
  (asked, orPass) =>
    orPass
      ? sql`with ${asked}, ${present(orPass)}, ${plainSendParts('present')}, ${opened('sending')},
         guard as (select events, ${sendingOutcomes} from sending), ${appendEvents('g.events', 'guard')}
         select sending.n, o."expiresAt", ${sendingColumns} from sending join opened o on o.id = sending.challenge_id`
      : sql`with ${asked}, ${present('')}, ${opened('present')}, ${sendCodeParts('p.send', 'opened, present p', 'verified')},
         guard as (select p.events, ${sendingOutcomes} from sending, present p), ${appendEvents('g.events', 'guard')}
         select p.n, opened."expiresAt", ${sendingColumns} from present p, opened, sending`,
);

/** The columns of `SendingRow` are there where a code was to be sent. */
export interface OpenedRow extends SendingRow {
  readonly expiresAt: Date;
}
