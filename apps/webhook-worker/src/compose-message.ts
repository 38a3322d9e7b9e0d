import { viewEvent } from '#audit-events';
import { urlOfEndpoint, type AllowPrivate } from '#runtime';
import type { Claimed } from './deliver-webhook.sql.js';
import type { Message } from './post.js';
import type { Signers } from './signers.js';

export interface ComposeParts {
  readonly signers: Signers;
  readonly allowPrivate: AllowPrivate;
}

/**
 * The message of an attempt, as Standard Webhooks wants it. Its id is the event's, the same at each attempt, and so is its body:
 * the event as the log serves it, without what is personal. Time and signatures are the attempt's; while a secret is being
 * changed, both sign.
 * @returns a short name of what is in the way of it
 */
export function composeMessage({ signers, allowPrivate }: ComposeParts, claimed: Claimed): Message | string {
  if (claimed.id === null) return 'event-gone';
  const url = urlOfEndpoint(claimed.url, { allowPrivate });
  if (typeof url === 'string') return url === 'private_address' ? 'private-address' : 'url-refused';
  const body = JSON.stringify(viewEvent({ ...claimed, eventKeySealed: null }));
  const sealed = [claimed.secretSealed, claimed.previousSecretSealed].filter((each) => each !== null);
  const { id, webhookId, startedAt } = claimed;
  const signatures = sealed.map((each) => signers.of(webhookId, each).sign(id, startedAt, body));
  return {
    url,
    headers: {
      'content-type': 'application/cloudevents+json',
      'user-agent': 'Sallyport-Webhooks',
      'webhook-id': id,
      'webhook-timestamp': String(Math.floor(startedAt.getTime() / 1000)),
      'webhook-signature': signatures.join(' '),
    },
    body,
  };
}
