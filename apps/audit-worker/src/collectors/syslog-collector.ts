import { once } from 'node:events';
import { hostname as machineName } from 'node:os';
import { setTimeout as sleep } from 'node:timers/promises';
import { connect, type TLSSocket } from 'node:tls';
import type { Collector, PushedEvent } from './collector.js';
import { CollectorFault, connectionFault } from './collector-fault.js';
import type { SyslogSettings } from './read-collectors.js';
import { octetCounted, syslogMessage, type Header } from './syslog-message.js';

/** Ms without any progress after which a collector is given up. */
const patienceMs = 15_000;

/** Shortest wait, in ms, for a sign that a collector was gone before the last bytes came to it. */
const settleMs = 20;

/**
 * Sends events as syslog over TLS (RFC 5425). Syslog has no acknowledgement. What stands for one is the orderly end of a
 * connection: a peer whose process has not read everything resets it instead. So each batch has a connection of its own,
 * and counts as taken when the peer has closed in answer to the end.
 */
export class SyslogCollector implements Collector {
  private readonly header: Header;
  private session: Buffer | undefined;

  constructor(private readonly settings: SyslogSettings) {
    const { facility, structuredDataId, hostname = machineName().replaceAll(/[^!-~]/g, '') } = settings;
    this.header = { facility, structuredDataId, hostname: hostname.slice(0, 255) || '-' };
  }

  async send(events: readonly PushedEvent[], signal: AbortSignal): Promise<void> {
    const { host, port, tls } = this.settings;
    const began = performance.now();
    let isConnected = false;
    let roundTripMs = 0;
    const { session } = this;
    const socket = connect({ host, port, ...tls, minVersion: 'TLSv1.2', ...(session && { session }) });
    const abort = () => socket.destroy(new CollectorFault('cut_off'));
    signal.addEventListener('abort', abort, { once: true });
    socket.once('connect', () => (roundTripMs = performance.now() - began));
    socket.on('session', (newer) => (this.session = newer));
    socket.setTimeout(patienceMs, () => socket.destroy(new CollectorFault('late')));
    const ended = endOf(socket);
    try {
      signal.throwIfAborted();
      await Promise.race([once(socket, 'secureConnect'), ended.then(refuse)]);
      isConnected = true;
      await Promise.race([this.write(socket, events), ended.then(refuse)]);
      // A peer that was gone says so within one way there and back; after that its end is an answer to ours.
      await Promise.race([sleep(settleMs + 2 * roundTripMs), ended.then(refuse)]);
      socket.end();
      await ended;
    } catch (error) {
      signal.throwIfAborted();
      // What another key or CA was used for is not asked for again.
      this.session = undefined;
      throw connectionFault(error, isConnected);
    } finally {
      signal.removeEventListener('abort', abort);
      socket.destroy();
    }
  }

  /** Returns when the system has taken all of it. */
  private async write(socket: TLSSocket, events: readonly PushedEvent[]): Promise<void> {
    const flushed = Promise.withResolvers<void>();
    for (const [index, { row, text }] of events.entries()) {
      const frame = octetCounted(syslogMessage(row, text, this.header));
      const goesOn = socket.write(frame, index === events.length - 1 ? () => flushed.resolve() : undefined);
      if (!goesOn) await once(socket, 'drain');
    }
    await flushed.promise;
  }
}

const refuse = () => {
  throw new CollectorFault('cut_off');
};

/** Settles when the peer has closed its side; what it sends before is nothing that syslog knows. */
function endOf(socket: TLSSocket): Promise<void> {
  const { promise, resolve, reject } = Promise.withResolvers<void>();
  promise.catch(() => undefined);
  socket.on('error', reject);
  socket.on('end', resolve);
  socket.on('close', () => reject(new CollectorFault('cut_off')));
  socket.resume();
  return promise;
}
