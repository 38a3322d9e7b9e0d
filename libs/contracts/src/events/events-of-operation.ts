import { z } from 'zod';
import type { EventRow } from './event-row.js';

/** Of what operators do: policies, API keys, the log itself, jobs. */
export const eventsOfOperation = {
  'policy.changed': {
    meaning:
      'The policy of the tenant or of an account was changed. `old` and `new` are the values in force, by their names in `changed`; addresses and numbers in them are masked.',
    when: 'A change of a policy.',
    answers: ['administration'],
    data: z.strictObject({
      level: z.enum(['tenant', 'account']),
      changed: z.array(z.string()),
      old: z.record(z.string(), z.unknown()),
      new: z.record(z.string(), z.unknown()),
    }),
    jobs: [],
  },
  'api_key.created': {
    meaning: 'An API key was made. `keyId` is the new key, `apiKeyId` the one that made it.',
    when: 'Its creation, by the API or from the shell.',
    answers: ['administration', 'credential'],
    data: z.strictObject({ keyId: z.string(), scopes: z.array(z.string()) }),
    jobs: [],
  },
  'api_key.revoked': {
    meaning: 'An API key was revoked. `keyId` is that key, `apiKeyId` the one that revoked it.',
    when: 'Its revocation.',
    answers: ['administration', 'credential'],
    data: z.strictObject({ keyId: z.string() }),
    jobs: [],
  },
  'api_key.refused': {
    meaning:
      'Calls were refused because of their API key: it was revoked, has expired, or lacks the scope that is named. A key that never existed is of no tenant, and in the log of the gateway only.',
    when: 'The first such call at once; those of the same key, reason and network that follow, as one event a minute from each gateway.',
    answers: ['authorization'],
    data: z.strictObject({
      keyId: z.string(),
      reason: z.enum(['revoked', 'expired', 'insufficient_scope']),
      scope: z.string().optional(),
      calls: z.number(),
      network: z.string().optional(),
      since: z.string(),
    }),
    jobs: [],
  },
  'audit.read': {
    meaning:
      'The log was read: how many pages and events, the lowest and highest sequence among them, and whether what is personal was opened.',
    when: 'The first reading by an API key at once; what it reads after that, as one event in ten minutes from each gateway.',
    answers: ['log_access'],
    data: z.strictObject({
      reads: z.number(),
      events: z.number(),
      firstSequence: z.number().optional(),
      lastSequence: z.number().optional(),
      personal: z.boolean(),
      since: z.string(),
    }),
    jobs: [],
  },
  'audit.exported': {
    meaning:
      'The log was exported as a file: in which format, up to which sequence, whether all of it or what filters or a cursor left, and whether what is personal was opened.',
    when: 'The beginning of the export. The client may have broken it off.',
    answers: ['log_access'],
    data: z.strictObject({
      format: z.string(),
      lastSequence: z.number(),
      whole: z.boolean(),
      personal: z.boolean(),
    }),
    jobs: [],
  },
  'sealing.started': {
    meaning:
      'An audit worker began to seal events. One after another without `sealing.stopped` in between: there are several workers, or one ended without a word.',
    when: 'The start of an audit worker, in the log of every tenant.',
    answers: ['log_state'],
    data: z.strictObject({ workerId: z.string() }),
    jobs: [],
  },
  'sealing.stopped': {
    meaning:
      'An audit worker ended in good order. What is written after that is sealed by another worker, or by the next.',
    when: 'The end of an audit worker, in the log of every tenant.',
    answers: ['log_state'],
    data: z.strictObject({ workerId: z.string() }),
    jobs: [],
  },
  'audit.event_set_aside': {
    meaning: 'A row cannot be in the log because it has no encoding. It stays where it is, outside of the log.',
    when: 'The attempt to seal it.',
    answers: ['log_state'],
    data: z.strictObject({ eventId: z.string(), type: z.string(), reason: z.string() }),
    jobs: [],
  },
  'audit.checkpoint_accepted': {
    meaning:
      'An operator let the signing go on from an entry that the signer did not recognise. `formerSequence` is of the checkpoint that was given up; null where none could be read.',
    when: '`npm run admin -- audit accept`.',
    answers: ['log_state', 'administration'],
    data: z.strictObject({ sequence: z.number(), formerSequence: z.number().nullable(), reason: z.string() }),
    jobs: [],
  },
  'audit.cosignature_refused': {
    meaning:
      'A witness does not cosign the log, because it knows another one: `rewritten`, `forked` or `cut_off`. `size` is the number of entries of the checkpoint that it was sent; `cosignedSize`, of the last one that it cosigned, where that is known.',
    when: 'The answer of the witness, once for each start of an audit worker.',
    answers: ['log_state'],
    data: z.strictObject({
      witness: z.string(),
      reason: z.enum(['rewritten', 'forked', 'cut_off']),
      size: z.number(),
      cosignedSize: z.number().nullable(),
    }),
    jobs: [],
  },
  'audit.pruned': {
    meaning:
      'Events of the log were removed, as the policy asks for: `events` of them, up to the sequence `upTo`, all older than `olderThan`. Their leaf hashes remain, so proofs stay valid.',
    when: 'The removal, once a day where something is due; of many events, for each 5,000.',
    answers: ['log_state'],
    data: z.strictObject({ upTo: z.number(), events: z.number(), olderThan: z.string() }),
    jobs: [],
  },
  'route.reordered': {
    meaning:
      'Messages to a country go by another route first, or one is left out of use, by what became of the codes before: `reason` in words, `routes` with what is known of each. `country` is null for e-mail, and for numbers of no country.',
    when: 'The change, in the log of every tenant that had a code sent there on the last day.',
    answers: ['operation'],
    data: z.strictObject({
      channel: z.enum(['sms', 'email']),
      country: z.string().nullable(),
      before: z.array(z.string()),
      after: z.array(z.string()),
      reason: z.string(),
      routes: z.array(
        z.strictObject({
          route: z.string(),
          state: z.enum(['leading', 'trial', 'standing_by', 'drained']),
          codes: z.number(),
          rate: z.number().nullable(),
          entryMs: z.number().nullable(),
          receiptMs: z.number().nullable(),
          cost: z.number().nullable(),
        }),
      ),
    }),
    jobs: [],
  },
  'job.set_aside': {
    meaning:
      'Work that an event started was given to a worker again and again and never done. `failure` is the kind of the last fault, never its words.',
    when: 'The last try.',
    answers: ['operation'],
    data: z.strictObject({ jobId: z.string(), job: z.string(), publications: z.number(), failure: z.string() }),
    jobs: [],
  },
  'job.discarded': {
    meaning: 'An operator gave up a job that had been set aside.',
    when: '`npm run admin -- jobs discard`.',
    answers: ['administration'],
    data: z.strictObject({ jobId: z.string(), job: z.string() }),
    jobs: [],
  },
  'database.restored': {
    meaning:
      'An operator restored a backup, or failed over to a copy that was behind: what happened between it and this event may be missing. `challenges` pending ones were canceled, codes of `apps` authenticator apps count as used up to now, and `users` users are asked for a code again.',
    when: '`npm run admin -- restored`, in the log of every tenant.',
    answers: ['log_state', 'administration'],
    data: z.strictObject({
      reason: z.string(),
      challenges: z.number(),
      apps: z.number(),
      users: z.number(),
    }),
    jobs: [],
  },
  'key.rotated': {
    meaning:
      'A key of the installation was replaced for good: `keyId` has taken the place of `formerKeyId`, and has been in use since `usedSince`. Nothing is sealed under the former key any more, and it signs nothing. Ids only, never keys.',
    when: '`npm run admin -- keys rotate retire`, in the log of every tenant.',
    answers: ['administration'],
    data: z.strictObject({
      kind: z.enum(['sealing', 'webhook', 'pepper', 'proof', 'checkpoint']),
      keyId: z.string(),
      formerKeyId: z.string(),
      usedSince: z.string(),
    }),
    jobs: [],
  },
} as const satisfies Record<string, EventRow>;
