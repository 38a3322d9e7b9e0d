import type { Agent } from 'undici';
import type { Database, Sealer } from '#persistence';
import type { AllowPrivate, Logger } from '#runtime';
import { Asking, deliverWebhook } from './deliver-webhook.js';
import { EndpointTurns } from './endpoint-turns.js';
import { addressesOf, guardedAgent, nameServers, type Resolve } from './guarded-agent.js';
import { post } from './post.js';

/** What webhooks are sent with, besides the database. */
export interface SenderParts {
  /** Opens secrets of webhooks: made of the keys `webhook`. */
  readonly sealer: Sealer;
  readonly allowPrivate: AllowPrivate;
  /** Those of the system, where left out. */
  readonly resolve?: Resolve;
  /** Certificate of a CA, in place of those of Node.js. */
  readonly ca?: string;
}

/** Sends webhooks over connections that it keeps for a while, and remembers how each endpoint fares. */
export class WebhookSender {
  private readonly turns = new EndpointTurns();
  private readonly asking: Asking;
  private readonly agent: Agent;

  constructor(private readonly parts: SenderParts & { readonly database: Database; readonly logger: Logger }) {
    this.asking = new Asking(parts.database);
    this.agent = guardedAgent(this.guard, parts.ca === undefined ? {} : { ca: parts.ca });
  }

  /** See `deliverWebhook`. */
  deliver(deliveryId: string): ReturnType<typeof deliverWebhook> {
    const send = (message: Parameters<typeof post>[1]) =>
      post(this.agent, message, () => addressesOf(message.url.hostname, this.guard));
    return deliverWebhook({ ...this.parts, turns: this.turns, asking: this.asking, send }, deliveryId);
  }

  /** Attempts that have not ended. */
  get underWay(): number {
    return this.turns.count;
  }

  /** Nothing is sent afterwards. */
  end(): Promise<void> {
    return this.agent.destroy();
  }

  private get guard() {
    const { allowPrivate, resolve = systemServers } = this.parts;
    return { allowPrivate, resolve };
  }
}

const systemServers = nameServers();
