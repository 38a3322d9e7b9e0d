import { currencyDecimals } from '#contracts';
import { z } from 'zod';
import { line } from '../http/schemas.js';

const written = /^(0|[1-9][0-9]*)(\.[0-9]+)?$/;

const amount = z
  .strictObject({
    value: z
      .string()
      .max(20)
      .regex(written, 'must be digits with a point, as in 1234.50')
      .meta({ description: 'With as many decimals as the currency has' }),
    currency: z
      .string()
      .refine((code) => currencyDecimals(code) !== undefined, 'must be an ISO 4217 currency code in upper case')
      .meta({ description: 'ISO 4217 currency code' }),
  })
  .superRefine(({ value, currency }, context) => {
    const decimals = currencyDecimals(currency);
    const wrong = (message: string) => context.addIssue({ code: 'custom', path: ['value'], message });
    if (decimals === undefined || !written.test(value)) return;
    if ((value.split('.')[1] ?? '').length !== decimals) wrong(`must have ${decimals} decimals for ${currency}`);
    else if (/^[0.]+$/.test(value)) wrong('must be more than zero');
  });

/** What a payment is, as its user confirms it. */
export const transaction = z
  .strictObject({
    amount,
    payee: line(70).regex(/^(?:(?![\u200c\u200d])\P{Cf}|[\u200c\u200d])*$/u, 'must not hold invisible formatting'),
  })
  .meta({ id: 'Transaction' });
