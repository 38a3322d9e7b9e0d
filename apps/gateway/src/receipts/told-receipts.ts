import { amountPattern, invalidRequest, Problem } from '#contracts';
import { Webhook } from 'standardwebhooks';
import { z } from 'zod';
import { readJson } from '../http/read-json.js';
import { instant } from '../http/schemas.js';
import { validate } from '../http/validation.pipe.js';
import type { ReceiptSecrets } from './receipt-keys.js';
import { isSignedByTwilio, isSignedByVonage, type Parameters } from './signatures.js';
import type { Receipt } from './take-receipt.sql.js';

/** A call as it came, before anybody has looked at what is in it. */
export interface ReceiptCall {
  /** Path and query. */
  readonly url: string;
  readonly headers: Readonly<Record<string, string | string[] | undefined>>;
  /** None of a GET. */
  readonly body: Buffer | undefined;
}

/** What a call tells of one delivery; undefined where it is on its way, or is none of ours. */
export type ToldReceipt = ToldOfDelivery | ToldOfReference | undefined;

type ToldOfDelivery = Omit<Receipt, 'provider'>;
/** By a sender of one's own, which may keep nothing but its own id. */
type ToldOfReference = Omit<ToldOfDelivery, 'deliveryId'> & { readonly deliveryId: null; readonly reference: string };

/**
 * Vonage repeats a receipt that nobody took for a day
 * (https://developer.vonage.com/en/getting-started/concepts/webhooks), and its time may be that of the first try. An old one
 * changes nothing that it has not changed before, so the bound need be no closer.
 */
const vonageSeconds = 86_400 + 3600;

const reference = /^[\w.:-]{1,100}$/;
const deliveryId = /^dlv_[\w-]{1,64}$/;
const price = new RegExp(`^${amountPattern}( [A-Z]{3})?$`);

/** @throws {Problem} `receipt_refused` where it is not Vonage's; `invalid_request` where it cannot be read */
export function readVonage(call: ReceiptCall, { secret, method }: Required<ReceiptSecrets>['vonage']): ToldReceipt {
  const told = parametersOf(call);
  if (!isSignedByVonage(told, secret, method)) throw new Problem('receipt_refused');
  const age = Date.now() / 1000 - Number(told.get('timestamp') ?? Number.NaN);
  if (!(Math.abs(age) <= vonageSeconds)) throw new Problem('receipt_refused');
  const status = told.get('status') ?? '';
  const receipt = { delivered: 'delivered', failed: 'failed', rejected: 'failed', expired: 'failed' } as const;
  return receiptOf(told.get('client-ref'), {
    receipt: Object.hasOwn(receipt, status) ? receipt[status as keyof typeof receipt] : undefined,
    reference: told.get('messageId'),
    error: `vonage-${status}-${matching(told.get('err-code'), /^\d{1,4}$/) ?? 'unknown'}`,
    price: told.get('price'),
  });
}

/** @throws {Problem} as above */
export function readTwilio(
  call: ReceiptCall,
  { authToken, publicUrl }: Required<ReceiptSecrets>['twilio'],
): ToldReceipt {
  const form = formOf(call);
  const signature = call.headers['x-twilio-signature'];
  const address = publicUrl + call.url;
  if (typeof signature !== 'string' || !isSignedByTwilio(address, form, authToken, signature)) {
    throw new Problem('receipt_refused');
  }
  const status = form.get('MessageStatus') ?? '';
  const receipt = { delivered: 'delivered', read: 'delivered', undelivered: 'failed', failed: 'failed' } as const;
  // Twilio has no field for our id: the address that it was given carries it.
  return receiptOf(queryOf(call).get('deliveryId'), {
    receipt: Object.hasOwn(receipt, status) ? receipt[status as keyof typeof receipt] : undefined,
    reference: form.get('MessageSid'),
    error: `twilio-${matching(form.get('ErrorCode'), /^\d{1,6}$/) ?? 'unknown'}`,
    price: undefined,
  });
}

/** What a sender of one's own posts. */
const httpReceipt = z.strictObject({
  deliveryId: z.string().regex(deliveryId, 'must be the id that the message came with').optional(),
  reference: z.string().regex(reference, 'must be up to 100 letters, digits, ".", ":", "-" and "_"').optional(),
  status: z.enum(['delivered', 'failed']),
  error: z
    .string()
    .regex(/^[a-z][a-z0-9_-]{0,63}$/, 'must be a short name of lower-case letters, digits, "-" and "_"')
    .optional(),
  price: z.string().regex(price, 'must be an amount such as 0.07 or 0.07 EUR').optional(),
  at: instant.optional(),
});

/** @throws {Problem} as above */
export function readHttp(call: ReceiptCall, { secret }: Required<ReceiptSecrets>['http']): ToldReceipt {
  const body = call.body ?? Buffer.alloc(0);
  try {
    const headers = Object.entries(call.headers).filter(([, value]) => typeof value === 'string');
    new Webhook(secret).verify(body, Object.fromEntries(headers) as Record<string, string>, { jsonParse: false });
  } catch {
    throw new Problem('receipt_refused');
  }
  const { status, error, at, ...told } = validate(httpReceipt, readJson(body, 'The body'));
  const failed = status === 'failed' ? (error ?? 'not-delivered') : null;
  const facts = { receipt: status, error: failed, price: told.price ?? null, at: at ?? null };
  if (told.deliveryId !== undefined) {
    return { ...facts, deliveryId: told.deliveryId, reference: told.reference ?? null };
  }
  if (told.reference === undefined) {
    throw invalidRequest('/deliveryId', 'is missing. Send the deliveryId of the message, or your reference of it');
  }
  return { ...facts, deliveryId: null, reference: told.reference };
}

interface Told {
  readonly receipt: Receipt['receipt'] | undefined;
  readonly reference: string | undefined;
  readonly error: string;
  readonly price: string | undefined;
}

/** What does not look as it should is left out: it is stored, and shown to operators. */
function receiptOf(id: string | undefined, { receipt, ...told }: Told): ToldReceipt {
  if (id === undefined || !deliveryId.test(id) || receipt === undefined) return undefined;
  return {
    deliveryId: id,
    receipt,
    reference: matching(told.reference, reference),
    error: receipt === 'failed' ? told.error : null,
    price: matching(told.price, price),
    at: null,
  };
}

const matching = (text: string | undefined, form: RegExp) => (text !== undefined && form.test(text) ? text : null);

/** Of the query, of a form, or of JSON, as the provider was told to send them. */
function parametersOf(call: ReceiptCall): Parameters {
  if (call.body === undefined || call.body.length === 0) return queryOf(call);
  if (!isType(call, 'application/json')) return formOf(call);
  const fields = Object.entries(readJson(call.body, 'The body') as object);
  return new Map(
    fields.map(([name, value]) => {
      if (typeof value !== 'string' && typeof value !== 'number') throw invalidRequest(`/${name}`, 'must be text');
      return [name, String(value)];
    }),
  );
}

function queryOf({ url }: ReceiptCall): Parameters {
  const at = url.indexOf('?');
  return once(new URLSearchParams(at === -1 ? '' : url.slice(at + 1)));
}

function formOf(call: ReceiptCall): Parameters {
  if (!isType(call, 'application/x-www-form-urlencoded')) {
    throw invalidRequest(
      '/headers/content-type',
      'Send the receipt as a form, or as JSON where the provider does that.',
    );
  }
  return once(new URLSearchParams(call.body?.toString('utf8')));
}

/** Whoever sends one twice is read in two ways. */
function once(parameters: URLSearchParams): Parameters {
  const read = new Map(parameters);
  if (read.size < parameters.size) throw invalidRequest('', 'has a parameter twice');
  return read;
}

const isType = ({ headers }: ReceiptCall, type: string) =>
  String(headers['content-type'] ?? '')
    .toLowerCase()
    .startsWith(type);
