import { z } from 'zod';
import { challenge, lockoutSubject, method, type EventRow } from './event-row.js';

const decision = { purpose: z.string(), reason: z.string(), application: z.string().optional() };
const attempt = {
  ...challenge,
  deviceId: z.string().optional(),
  method: z.union([method, z.literal('recovery_code')]),
};
const lockout = { lockoutId: z.string(), subject: lockoutSubject, deviceId: z.string().optional() };

/** Of logins, challenges and lockouts. Every login leaves `login.allowed`, `login.denied` or `challenge.created`. */
export const eventsOfChecks = {
  'login.allowed': {
    meaning:
      'No second factor was asked for; `reason` says why. With the trusted browser that spared the code, and the device that made it one.',
    when: 'A decision `allow`, whatever its purpose.',
    answers: ['authentication'],
    data: z.strictObject({
      ...decision,
      trustedBrowserId: z.string().optional(),
      deviceId: z.string().optional(),
    }),
    jobs: [],
  },
  'login.denied': {
    meaning: 'Nothing could be asked for, or the user may not log in this way; `reason` says why.',
    when: 'A decision `deny`, whatever its purpose.',
    answers: ['refusal'],
    data: z.strictObject(decision),
    jobs: [],
  },
  'challenge.created': {
    meaning: 'A second factor was asked for.',
    when: 'A decision `challenge` or `enroll`.',
    answers: ['authentication'],
    data: z.strictObject(challenge),
    personal: ['ip', 'userAgent'],
    jobs: [],
  },
  'challenge.approved': {
    meaning: 'A second factor was shown. `amr` says of what kind it was (RFC 8176).',
    when: 'A right answer.',
    answers: ['authentication'],
    data: z.strictObject({ ...attempt, amr: z.array(z.string()) }),
    jobs: [],
  },
  'challenge.rejected': {
    meaning: 'A wrong answer was given.',
    when: 'Every wrong answer that was counted.',
    answers: ['refusal'],
    data: z.strictObject(attempt),
    jobs: ['examine-rejection'],
  },
  'challenge.replayed': {
    meaning: 'A code was given that had been used before.',
    when: 'Every such answer that was counted.',
    answers: ['refusal'],
    data: z.strictObject(attempt),
    jobs: ['examine-rejection'],
  },
  'challenge.canceled': {
    meaning: 'A challenge was given up.',
    when: 'A request to cancel it, or the end of what it was for.',
    answers: ['operation'],
    data: z.strictObject(challenge),
    jobs: [],
  },
  'challenge.expired': {
    meaning: 'Nobody answered a challenge in its time.',
    when: 'Shortly after its time was over.',
    answers: ['refusal'],
    data: z.strictObject(challenge),
    jobs: [],
  },
  'challenge.max_attempts_reached': {
    meaning: 'A challenge ended because of too many wrong answers.',
    when: 'The wrong answer that was the last one allowed.',
    answers: ['refusal'],
    data: z.strictObject(challenge),
    jobs: [],
  },
  'lockout.started': {
    meaning: 'A device takes no answers until a stated time.',
    when: 'The wrong answer that locked it.',
    answers: ['refusal'],
    data: z.strictObject({ ...lockout, wrongCodes: z.number(), lockedUntil: z.string() }),
    jobs: ['announce-lockout'],
  },
  'lockout.ended': {
    meaning: 'A lockout is over: its time came, an administrator lifted it, or its device went.',
    when: 'Its end.',
    answers: ['operation', 'administration'],
    data: z.strictObject({ ...lockout, reason: z.enum(['elapsed', 'lifted', 'removed']) }),
    jobs: [],
  },
} as const satisfies Record<string, EventRow>;
