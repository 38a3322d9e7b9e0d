import { Injectable } from '@nestjs/common';
import { newId, Problem } from '#contracts';
import { Database } from '#persistence';
import { count, Log, observe } from '#runtime';
import { tooMany } from '../http/overload.js';
import { ReceiptKeys } from './receipt-keys.js';
import { RefusedReceipts } from './refused-receipts.js';
import { findByReference, takeReceipt } from './take-receipt.sql.js';
import { readHttp, readTwilio, readVonage, type ReceiptCall, type ToldReceipt } from './told-receipts.js';

/** Receipts that are written down at once. They wait for no key, so nothing else keeps them from taking every connection. */
const atOnce = 4;
/** Those that wait besides; more are asked to come again, which every provider does. */
const waitingAtOnce = 200;

/** Receipts of providers: what became of messages after they had been taken. */
@Injectable()
export class Receipts {
  private underWay = 0;
  private readonly waiting: (() => void)[] = [];

  constructor(
    private readonly database: Database,
    private readonly keys: ReceiptKeys,
    private readonly refused: RefusedReceipts,
    private readonly log: Log,
  ) {}

  /**
   * Takes a receipt. That nothing is known of its delivery, or that it says nothing new, is no fault of the provider's, which
   * would repeat it for a day.
   * @throws {Problem} `not_found` where the provider is not configured, `receipt_refused`, `invalid_request`, `unavailable`
   */
  async take(provider: string, call: ReceiptCall): Promise<void> {
    const told = this.read(provider, call);
    if (!told) return;
    const { receipt, error } = told;
    const { deliveryId, taken } = await this.inTurn(async () => {
      const id = told.deliveryId ?? (await this.database.one(findByReference, told))?.deliveryId;
      if (id === undefined) return { deliveryId: null, taken: undefined };
      const values = { ...told, deliveryId: id, provider, eventId: newId('event') };
      return { deliveryId: id, taken: await this.database.one(takeReceipt, values) };
    });
    if (taken) {
      count('sallyport_receipts_total', { provider, receipt });
      observe('sallyport_receipt_seconds', { provider }, taken.took);
    }
    this.log.pino.info(
      { deliveryId, provider, receipt, error, attempt: taken?.number, was: taken?.was, becomes: taken?.becomes },
      taken ? 'receipt taken' : 'a receipt said nothing new',
    );
  }

  private read(provider: string, call: ReceiptCall): ToldReceipt {
    const { vonage, http, twilio } = this.keys.secrets;
    try {
      if (provider === 'vonage' && vonage) return readVonage(call, vonage);
      if (provider === 'http' && http) return readHttp(call, http);
      if (provider === 'twilio' && twilio) return readTwilio(call, twilio);
    } catch (error) {
      if (error instanceof Problem && error.code === 'receipt_refused') this.refused.note(provider);
      throw error;
    }
    throw new Problem('not_found', { detail: 'Receipts of this provider are not configured on this gateway.' });
  }

  private async inTurn<T>(work: () => Promise<T>): Promise<T> {
    if (this.underWay >= atOnce) {
      if (this.waiting.length >= waitingAtOnce) throw tooMany();
      await new Promise<void>((resolve) => this.waiting.push(resolve));
    } else this.underWay += 1;
    try {
      return await work();
    } finally {
      const next = this.waiting.shift();
      if (next) next();
      else this.underWay -= 1;
    }
  }
}
