import { z } from 'zod';
import { sendingRules } from '../sending-rules.js';
import { device, type EventRow } from './event-row.js';

const delivery = { deliveryId: z.string(), ...device, challengeId: z.string().optional() };
const notice = { deliveryId: z.string(), deviceId: z.string().optional(), method: z.enum(['sms', 'email']) };

/** Of codes and notices that are sent, and of what bounds them. */
export const eventsOfMessages = {
  'code.requested': {
    meaning: 'A code is to be sent.',
    when: 'Each send and resend that was accepted.',
    answers: ['operation'],
    data: z.strictObject({ ...delivery, expiresAt: z.string() }),
    personal: ['maskedAddress'],
    jobs: ['deliver-sms', 'deliver-email'],
  },
  'code.sent': {
    meaning: 'A provider took a code.',
    when: "The provider's answer.",
    answers: ['operation'],
    data: z.strictObject({ ...delivery, provider: z.string(), attempts: z.number() }),
    jobs: [],
  },
  'code.delivered': {
    meaning: "A provider's receipt says that a code has arrived.",
    when: 'The first receipt that says so.',
    answers: ['operation'],
    data: z.strictObject({ ...delivery, provider: z.string(), attempts: z.number() }),
    jobs: [],
  },
  'code.failed': {
    meaning: 'A code could not be sent, or did not arrive.',
    when: 'The answer, or the receipt, after which it was not tried again.',
    answers: ['operation'],
    data: z.strictObject({ ...delivery, error: z.string(), attempts: z.number() }),
    jobs: [],
  },
  'code.expired': {
    meaning: 'A code was not sent before its time was over.',
    when: 'The end of its time.',
    answers: ['operation'],
    data: z.strictObject({ ...delivery, attempts: z.number() }),
    jobs: [],
  },
  'notice.failed': {
    meaning: 'A notice could not be sent, or did not arrive. The request id leads to what it was to tell.',
    when: 'The answer, or the receipt, after which it was not tried again.',
    answers: ['operation'],
    data: z.strictObject({ ...notice, error: z.string(), attempts: z.number() }),
    jobs: [],
  },
  'notice.expired': {
    meaning: 'A notice was not sent while it was worth something. The request id leads to what it was to tell.',
    when: 'The end of its time.',
    answers: ['operation'],
    data: z.strictObject({ ...notice, attempts: z.number() }),
    jobs: [],
  },
  'code.quota_exceeded': {
    meaning: "A code was not sent because the device's messages of the day are used up.",
    when: 'The request that was refused.',
    answers: ['refusal'],
    data: z.strictObject({ ...device, challengeId: z.string().optional(), limit: z.number() }),
    jobs: [],
  },
  'code.blocked': {
    meaning:
      'A code was not sent, by a rule of the guard against SMS pumping. `rule` is for operators and is not told to the user.',
    when: 'The request that was refused.',
    answers: ['refusal'],
    data: z.strictObject({ ...device, challengeId: z.string().optional(), rule: z.enum(sendingRules) }),
    personal: ['maskedAddress'],
    jobs: [],
  },
  'send_block.lifted': {
    meaning: 'An administrator lifted a block of the guard against SMS pumping.',
    when: '`DELETE` of the block.',
    answers: ['administration'],
    data: z.strictObject({ blockId: z.string(), rule: z.enum(sendingRules) }),
    jobs: [],
  },
  'code.quota_restored': {
    meaning: "An administrator gave a device the day's messages back.",
    when: "`DELETE` of the device's quota.",
    answers: ['administration'],
    data: z.strictObject({ ...device, used: z.number() }),
    jobs: [],
  },
} as const satisfies Record<string, EventRow>;
