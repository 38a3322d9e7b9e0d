import { z } from 'zod';
import type { EventRow } from './event-row.js';

/** Of accounts and users, and what belongs to a user as a whole. */
export const eventsOfUsers = {
  'account.created': {
    meaning: 'A customer account was made known.',
    when: 'The first `PUT` of the account.',
    answers: ['identity'],
    data: z.strictObject({}),
    jobs: [],
  },
  'account.changed': {
    meaning:
      'The name or the language of an account was changed. Its name may be that of a person and is not in the log.',
    when: 'A `PUT` of an account with another value.',
    answers: ['identity'],
    data: z.strictObject({
      changed: z.array(z.enum(['name', 'locale'])),
      locale: z.string().nullable().optional(),
      formerLocale: z.string().nullable().optional(),
    }),
    jobs: [],
  },
  'user.created': {
    meaning: 'A user was made known.',
    when: 'The first `PUT` of the user, or a bulk import.',
    answers: ['identity'],
    data: z.strictObject({ kind: z.enum(['person', 'service']) }),
    personal: ['displayName', 'maskedEmail', 'maskedPhone'],
    jobs: [],
  },
  'user.changed': {
    meaning: "A user's name, e-mail address, phone number or language was changed. It changes no device.",
    when: 'A `PUT` or `PATCH` of a user with another value.',
    answers: ['identity'],
    data: z.strictObject({
      changed: z.array(z.enum(['displayName', 'email', 'phone', 'locale'])),
      locale: z.string().nullable().optional(),
      formerLocale: z.string().nullable().optional(),
    }),
    personal: [
      'displayName',
      'formerDisplayName',
      'maskedEmail',
      'formerMaskedEmail',
      'maskedPhone',
      'formerMaskedPhone',
    ],
    jobs: [],
  },
  'user.email_changed': {
    meaning: 'The address that notices go to was changed or removed. The owner is told at the old address too.',
    when: 'Beside `user.changed`, where there was an address before.',
    answers: ['identity'],
    data: z.strictObject({}),
    jobs: ['notify-owner'],
    notice: 'email_changed',
  },
  'user.erased': {
    meaning:
      'A user was erased with all that belonged to it. What was personal in its events cannot be opened any more.',
    when: '`DELETE` of the user.',
    answers: ['identity', 'administration'],
    data: z.strictObject({}),
    jobs: [],
  },
  'two_factor.enabled': {
    meaning: 'Two-factor authentication was turned on.',
    when: "The verification of a user's first device, or turning it on again.",
    answers: ['credential'],
    data: z.strictObject({}),
    jobs: [],
  },
  'two_factor.disabled': {
    meaning: 'Two-factor authentication was turned off, by the user or by an administrator.',
    when: 'Turning it off.',
    answers: ['credential', 'administration'],
    data: z.strictObject({ by: z.enum(['user', 'admin']), devices: z.enum(['kept', 'removed']) }),
    personal: ['actor'],
    jobs: ['notify-owner'],
    notice: 'two_factor_disabled',
  },
  'two_factor.reset': {
    meaning:
      'An administrator removed all devices, recovery codes and trusted browsers of a user. Each device that went has a `device.removed` of its own besides.',
    when: 'A reset.',
    answers: ['credential', 'administration'],
    data: z.strictObject({ deviceIds: z.array(z.string()) }),
    personal: ['actor', 'reason'],
    jobs: ['notify-owner'],
    notice: 'reset',
  },
  'user.personal_read': {
    meaning:
      "An operator was shown a user's name, the names of the devices, and all addresses in full. `reason` is what the operator gave.",
    when: '`npm run admin -- user show --personal`, before anything is shown.',
    answers: ['administration'],
    data: z.strictObject({}),
    personal: ['reason'],
    jobs: [],
  },
  'recovery_codes.generated': {
    meaning: 'A new set of recovery codes was made. Those of the set before are worth nothing.',
    when: 'The verification of the first device, the start of its enrolment where codes are shown first, or a request for new ones.',
    answers: ['credential'],
    data: z.strictObject({ count: z.number() }),
    jobs: [],
  },
  'recovery_codes.acknowledged': {
    meaning: 'The user confirmed that the recovery codes are saved.',
    when: 'The confirmation.',
    answers: ['credential'],
    data: z.strictObject({}),
    jobs: [],
  },
  'recovery_code.used': {
    meaning: 'A recovery code approved a challenge and is used up.',
    when: 'Beside `challenge.approved`.',
    answers: ['authentication', 'credential'],
    data: z.strictObject({ challengeId: z.string(), left: z.number() }),
    jobs: ['notify-owner'],
    notice: 'recovery_code_used',
  },
  'trusted_browser.added': {
    meaning: 'A browser need not show a second factor until its trust ends.',
    when: 'Beside `challenge.approved`, where the user asked for it and the policy allows it.',
    answers: ['credential'],
    data: z.strictObject({ trustedBrowserId: z.string(), deviceId: z.string(), challengeId: z.string() }),
    jobs: [],
  },
  'trusted_browser.revoked': {
    meaning:
      'Browsers are not trusted any more: all that one act ended, maybe none. A disabled device ends the trust of its browsers without this event.',
    when: 'A revocation, or the end or change of the device that made them trusted.',
    answers: ['credential'],
    data: z.strictObject({
      trustedBrowserIds: z.array(z.string()),
      reason: z.enum([
        'requested',
        'device_removed',
        'device_replaced',
        'two_factor_disabled',
        'reset',
        'phone_changed',
      ]),
    }),
    jobs: [],
  },
} as const satisfies Record<string, EventRow>;
