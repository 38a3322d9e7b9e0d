import { randomUUID } from 'node:crypto';
import { Agent as HttpAgent, request as requestHttp } from 'node:http';
import { Agent, request } from 'node:https';
import { setTimeout as sleep } from 'node:timers/promises';
import { promisify } from 'node:util';
import { gzip } from 'node:zlib';
import { z } from 'zod';
import type { Collector, PushedEvent } from './collector.js';
import { CollectorFault, connectionFault, type FaultReason } from './collector-fault.js';
import type { HecSettings } from './read-collectors.js';

/** From the first byte of a request to the last one of its answer, in ms. */
const patienceMs = 30_000;

/** How long an acknowledgement is asked for, in ms. */
const acknowledgedWithinMs = 60_000;
const firstPauseMs = 100;
const longestPauseMs = 2000;

const mostAnswerBytes = 16 * 1024;

const taken = z.object({ code: z.number(), ackId: z.int().optional() });
const acknowledged = z.object({ acks: z.record(z.string(), z.boolean()) });

const zip = promisify(gzip);

/**
 * Sends events as Splunk's HTTP Event Collector takes them. What it has taken is acknowledged apart, once it is indexed: by
 * a number that belongs to this sender's channel.
 */
export class HecCollector implements Collector {
  private readonly agent: Agent | HttpAgent;
  private readonly channel = randomUUID();

  constructor(private readonly settings: HecSettings) {
    const { url, tls } = settings;
    // A connection for each request: one kept open ends under a request that would then have to be repeated.
    this.agent = url.startsWith('https:') ? new Agent({ ...tls, keepAlive: false }) : new HttpAgent();
  }

  async send(events: readonly PushedEvent[], signal: AbortSignal): Promise<void> {
    const text = events.map((event) => this.wrapped(event)).join('\n');
    const answer = await this.post('/services/collector/event', text, signal);
    const { code, ackId } = parsed(taken, answer);
    if (code !== 0) throw new CollectorFault('refused', code);
    if (!this.settings.acknowledge) return;
    if (ackId === undefined) throw new CollectorFault('no_acknowledgement');
    await this.waitFor(ackId, signal);
  }

  /** In seconds, with what is after the point. */
  private wrapped({ row, text }: PushedEvent): string {
    const { format, index, sourcetype = `sallyport:${format}` } = this.settings;
    const seconds = Math.floor(Date.parse(row.time) / 1000);
    const wrapper = {
      source: 'sallyport',
      sourcetype,
      ...(index !== undefined && { index }),
      fields: { tenant: row.tenantId, sequence: row.sequence, eventId: row.id },
    };
    const event = format === 'cef' || format === 'ndjson' ? JSON.stringify(text) : text;
    const time = `${seconds}${row.time.slice(row.time.indexOf('.'), -1)}`;
    return `${JSON.stringify(wrapper).slice(0, -1)},"time":${time},"event":${event}}`;
  }

  private async waitFor(ackId: number, signal: AbortSignal): Promise<void> {
    const until = performance.now() + acknowledgedWithinMs;
    for (let pauseMs = firstPauseMs; performance.now() < until; pauseMs = Math.min(pauseMs * 2, longestPauseMs)) {
      const body = JSON.stringify({ acks: [ackId] });
      const { acks } = parsed(acknowledged, await this.post('/services/collector/ack', body, signal));
      if (acks[String(ackId)] === true) return;
      await sleep(pauseMs, undefined, { signal });
    }
    throw new CollectorFault('not_acknowledged');
  }

  /** @returns the body of an answer that says yes */
  private async post(path: string, text: string, signal: AbortSignal): Promise<string> {
    const body = this.settings.gzip ? await zip(text) : Buffer.from(text);
    const late = AbortSignal.timeout(patienceMs);
    try {
      const { status, answer } = await this.exchange(path, body, AbortSignal.any([signal, late]));
      if (status < 200 || status > 299) throw new CollectorFault(reasonOf(status), status);
      return answer;
    } catch (error) {
      signal.throwIfAborted();
      throw late.aborted ? new CollectorFault('late') : connectionFault(error, false);
    }
  }

  private exchange(path: string, body: Buffer, signal: AbortSignal): Promise<{ status: number; answer: string }> {
    const { url, token, gzip: zipped } = this.settings;
    const headers = {
      authorization: `Splunk ${token}`,
      'content-type': 'application/json; charset=utf-8',
      'content-length': body.length,
      'x-splunk-request-channel': this.channel,
      ...(zipped && { 'content-encoding': 'gzip' }),
    };
    const { promise, resolve, reject } = Promise.withResolvers<{ status: number; answer: string }>();
    const send = url.startsWith('https:') ? request : requestHttp;
    const out = send(`${url}${path}`, { method: 'POST', agent: this.agent, headers, signal }, (response) => {
      const chunks: Buffer[] = [];
      let length = 0;
      response.on('data', (chunk: Buffer) => {
        length += chunk.length;
        if (length > mostAnswerBytes) out.destroy(new CollectorFault('answer_malformed'));
        chunks.push(chunk);
      });
      response.on('error', reject);
      response.on('end', () => resolve({ status: response.statusCode ?? 0, answer: Buffer.concat(chunks).toString() }));
    });
    out.on('error', reject);
    out.end(body);
    return promise;
  }
}

function reasonOf(status: number): FaultReason {
  if (status === 401 || status === 403) return 'token_refused';
  if (status >= 300 && status < 400) return 'redirects';
  return status >= 500 || status === 429 ? 'failing' : 'refused';
}

function parsed<T>(schema: z.ZodType<T>, text: string): T {
  try {
    return schema.parse(JSON.parse(text));
  } catch {
    throw new CollectorFault('answer_malformed');
  }
}
