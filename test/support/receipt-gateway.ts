import { afterAll, beforeAll } from '@jest/globals';
import { generateKeyFile, type Logger } from '#runtime';
import { startTestGateway } from './gateway.js';
import { logger, store } from './sent-deliveries.js';
import { receiptSecrets, signAsTwilio, signedHeaders, twilio, vonageReceipt } from './signed-receipts.js';

/** Gateways that take receipts of what `sent-deliveries` sends, for each file that imports this. */

const gateways: { readonly url: string; stop(): Promise<void> }[] = [];
let turn = 0;

const open = (log: Logger) =>
  startTestGateway({
    database: store.database,
    queueUrl: store.url,
    keyFile: generateKeyFile(),
    receipts: receiptSecrets,
    logger: log,
  });

beforeAll(async () => {
  gateways.push(await open(logger), await open(logger));
});
afterAll(async () => {
  for (const gateway of gateways) await gateway.stop();
});

/** Each call goes to the next gateway. */
export async function call(
  path: string,
  init: RequestInit = {},
): Promise<{ status: number; code: string | undefined }> {
  turn += 1;
  const response = await fetch(`${gateways[turn % gateways.length]?.url}${path}`, init);
  const body = (await response.json()) as { code?: string; received?: boolean };
  if (response.status === 200 && body.received !== true) throw new Error(JSON.stringify(body));
  return { status: response.status, code: body.code };
}

const vonagePath = '/v1/providers/vonage/receipts';
export const byForm = (fields: Record<string, string>) =>
  call(vonagePath, { method: 'POST', body: new URLSearchParams(fields) });
export const byQuery = (fields: Record<string, string>) => call(`${vonagePath}?${new URLSearchParams(fields)}`);
export const byJson = (fields: Record<string, unknown>) =>
  call(vonagePath, {
    method: 'POST',
    headers: { 'content-type': 'application/json' },
    body: JSON.stringify(fields),
  });

/** A receipt of Vonage about a delivery. */
export const vonageSays = (id: string, status: string, more: Record<string, string> = {}) =>
  byForm(vonageReceipt({ 'client-ref': id, status, ...more }));

/** A receipt of a sender of one's own. */
export function senderSays(receipt: object | string, headers?: Record<string, string>) {
  const body = typeof receipt === 'string' ? receipt : JSON.stringify(receipt);
  return call('/v1/providers/http/receipts', { method: 'POST', headers: headers ?? signedHeaders(body), body });
}

export function twilioSays(id: string, form: Record<string, string>, signature?: string) {
  const path = `/v1/providers/twilio/receipts?deliveryId=${id}`;
  const headers = { 'x-twilio-signature': signature ?? signAsTwilio(`${twilio.publicUrl}${path}`, form) };
  return call(path, { method: 'POST', headers, body: new URLSearchParams(form) });
}
