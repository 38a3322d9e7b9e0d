import type { Agent } from 'undici';
import type { JobPayload } from '#contracts';
import type { Database, Sealer } from '#persistence';
import type { AllowPrivate, Logger } from '#runtime';
import { Asking, deliverWebhook, deliverWebhooks, type DeliverParts } from './deliver-webhook.js';
import { EndpointTurns } from './endpoint-turns.js';
import { addressesOf, guardedAgent, nameServers, type Resolve } from './guarded-agent.js';
import { post } from './post.js';
import { Signers } from './signers.js';

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
  private readonly deliverParts: DeliverParts;
  private readonly agent: Agent;
  private readonly attempts = new Set<Promise<void>>();

  constructor(private readonly parts: SenderParts & { readonly database: Database; readonly logger: Logger }) {
    this.asking = new Asking(parts.database);
    this.agent = guardedAgent(this.guard, parts.ca === undefined ? {} : { ca: parts.ca });
    this.deliverParts = {
      ...parts,
      signers: new Signers(parts.sealer),
      turns: this.turns,
      asking: this.asking,
      send: (message) => post(this.agent, message, () => addressesOf(message.url.hostname, this.guard)),
      begin: (attempt) => {
        const made = attempt().finally(() => this.attempts.delete(made));
        this.attempts.add(made);
      },
    };
  }

  /** See `deliverWebhook`. */
  deliver(deliveryId: string): ReturnType<typeof deliverWebhook> {
    return deliverWebhook(this.deliverParts, deliveryId);
  }

  /** See `deliverWebhooks`. */
  deliverTogether(group: JobPayload<'deliver-webhooks'>): Promise<void> {
    return deliverWebhooks(this.deliverParts, group);
  }

  /** Waits for the end of all attempts that were begun. */
  async idle(): Promise<void> {
    while (this.attempts.size > 0) await Promise.all(this.attempts);
  }

  /** Attempts that have not ended. */
  get underWay(): number {
    return this.turns.count;
  }

  /** Nothing is sent afterwards. What was begun has ended by then, and is written down. */
  async end(): Promise<void> {
    await this.idle();
    await this.agent.destroy();
  }

  private get guard() {
    const { allowPrivate, resolve = systemServers } = this.parts;
    return { allowPrivate, resolve };
  }
}

const systemServers = nameServers();
