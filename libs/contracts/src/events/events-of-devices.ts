import { z } from 'zod';
import { device, type EventRow } from './event-row.js';

/** Of devices. */
export const eventsOfDevices = {
  'device.enrolment_started': {
    meaning: 'Adding a device began. It cannot be used before it is verified.',
    when: 'The request to add a device.',
    answers: ['credential'],
    data: z.strictObject(device),
    personal: ['deviceName'],
    jobs: [],
  },
  'device.verification_failed': {
    meaning: 'A wrong answer was given where a new device, or the new number of a phone, was to be verified.',
    when: 'Every wrong answer that was counted.',
    answers: ['refusal'],
    data: z.strictObject(device),
    jobs: [],
  },
  'device.verified': {
    meaning: 'A new device was verified and can be used.',
    when: 'A right answer, or the number was verified on the same account before and the policy accepts that.',
    answers: ['credential'],
    data: z.strictObject(device),
    personal: ['deviceName'],
    jobs: ['notify-owner'],
    notice: 'device_added',
  },
  'device.renamed': {
    meaning: 'A device got another name.',
    when: 'A `PATCH` of the device with a name.',
    answers: ['credential'],
    data: z.strictObject(device),
    personal: ['deviceName', 'formerDeviceName'],
    jobs: [],
  },
  'device.made_default': {
    meaning: 'A device is the one that is offered first.',
    when: 'A `PATCH` of a device that was not the default.',
    answers: ['credential'],
    data: z.strictObject(device),
    jobs: [],
  },
  'device.phone_change_started': {
    meaning: 'A code was sent to a new number of a phone. The old number serves until it is entered.',
    when: 'The request to change the number.',
    answers: ['credential'],
    data: z.strictObject(device),
    personal: ['maskedAddress'],
    jobs: [],
  },
  'device.phone_changed': {
    meaning: 'A phone has a new number, which was verified.',
    when: 'The right code that was sent to the new number.',
    answers: ['credential'],
    data: z.strictObject(device),
    personal: ['deviceName', 'maskedAddress', 'formerMaskedAddress'],
    jobs: ['notify-owner'],
    notice: 'phone_changed',
  },
  'device.imported': {
    meaning: 'An authenticator app of another system was taken over.',
    when: 'An import, of one device or in bulk.',
    answers: ['credential', 'administration'],
    data: z.strictObject(device),
    personal: ['deviceName'],
    jobs: [],
  },
  'device.removed': {
    meaning:
      'A device was removed. `reason`: `requested`, `replaced`, `enrolment_canceled`, or what took it along (`two_factor_disabled`, `reset`).',
    when: 'The removal.',
    answers: ['credential'],
    data: z.strictObject({ ...device, reason: z.string() }),
    personal: ['deviceName'],
    jobs: ['notify-owner'],
    notice: 'device_removed',
  },
  'device.enrolments_ended': {
    meaning: 'Devices that had not been verified yet were removed with something else.',
    when: "Beside `device.verified` of a user's first device, or `device.removed` of the last.",
    answers: ['credential'],
    data: z.strictObject({
      deviceIds: z.array(z.string()),
      reason: z.enum(['first_device_verified', 'last_device_removed']),
    }),
    jobs: [],
  },
  'device.disabled': {
    meaning: 'A device cannot be used any more, after too many wrong codes in a row.',
    when: 'The wrong code that was one too many.',
    answers: ['credential', 'refusal'],
    data: z.strictObject({ ...device, wrongCodes: z.number() }),
    jobs: [],
  },
} as const satisfies Record<string, EventRow>;
