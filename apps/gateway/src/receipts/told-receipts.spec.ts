import { expect, test } from '@jest/globals';
import { Problem } from '#contracts';
import { receiptSecrets, signedHeaders } from '../../../../test/support/signed-receipts.js';
import { readHttp } from './told-receipts.js';

const { http } = receiptSecrets;

function read(receipt: object) {
  const text = JSON.stringify(receipt);
  const headers = { 'content-type': 'application/json', ...signedHeaders(text) };
  return readHttp({ url: '/v1/providers/http/receipts', headers, body: Buffer.from(text) }, http);
}

test('a receipt of a sender of one’s own is read whole', () => {
  expect(
    read({ deliveryId: 'dlv_1', status: 'failed', reference: 'r.1', price: '0.07 EUR', error: 'blocked' }),
  ).toEqual({
    deliveryId: 'dlv_1',
    receipt: 'failed',
    reference: 'r.1',
    price: '0.07 EUR',
    error: 'blocked',
    at: null,
  });
});

test.each([
  [{ status: 'delivered' }, '/deliveryId', 'is missing. Send the deliveryId of the message, or your reference of it'],
  [{ deliveryId: 'dlv_1', status: 'sent' }, '/status', 'must be one of "delivered", "failed"'],
  [{ deliveryId: 'dlv_1', status: 'delivered', 'a/b': 1 }, '/a~1b', 'is not a known field'],
  [{ deliveryId: 'dlv_1', status: 'delivered', at: '0000-01-01T00:00:00Z' }, '/at', 'must be between 1970 and 9999'],
])('of %j it is said where it is wrong, and how', (receipt, pointer, detail) => {
  try {
    read(receipt);
  } catch (error) {
    expect(error).toBeInstanceOf(Problem);
    expect((error as Problem).details.errors).toEqual([{ pointer, detail }]);
    return;
  }
  throw new Error('It was read.');
});
