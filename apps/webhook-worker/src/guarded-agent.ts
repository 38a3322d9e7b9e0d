import { Resolver } from 'node:dns/promises';
import { isIP, type LookupFunction } from 'node:net';
import { Agent, buildConnector } from 'undici';
import { addressOf, mayBeCalled, type AllowPrivate } from '#runtime';

/** Finds all addresses of a name. */
export type Resolve = (hostname: string) => Promise<readonly string[]>;

/** Until a connection stands, with TLS and the look-up of the name. */
const connectMs = 5000;

/** How long a connection that nobody uses is kept: shorter than most receivers keep theirs. */
const idleMs = 4000;

/** An endpoint whose name leads to an address that must not be called. Which one it is, is nobody's business outside. */
export class PrivateAddressError extends Error {
  override name = 'PrivateAddressError';
  readonly code = 'PRIVATE_ADDRESS';

  constructor() {
    super('The endpoint has an address that is not public.');
  }
}

/**
 * Asks the name servers, without the threads of `getaddrinfo`: there are four of them for all work of the process, and a
 * name server that does not answer would hold one each. So /etc/hosts is not read.
 * @param servers others than those of the system
 */
export function nameServers(servers?: readonly string[]): Resolve {
  const resolver = new Resolver({ timeout: 1000, tries: 2 });
  if (servers) resolver.setServers(servers);
  return async (hostname) => {
    const answers = await Promise.allSettled([resolver.resolve4(hostname), resolver.resolve6(hostname)]);
    const found = answers.flatMap((answer) => (answer.status === 'fulfilled' ? answer.value : []));
    if (found.length > 0) return found;
    const faults = answers.flatMap((answer) => (answer.status === 'rejected' ? [answer.reason as Error] : []));
    throw faults[0] ?? new Error('The name has no address.');
  };
}

export interface GuardOptions {
  readonly allowPrivate: AllowPrivate;
  readonly resolve: Resolve;
}

/**
 * The addresses of an endpoint, all of which may be called: of a name with one public address and one private the private
 * one would be called now and then.
 * @throws {PrivateAddressError} where one may not be called; what the resolver throws
 */
export async function addressesOf(
  hostname: string,
  { allowPrivate, resolve }: GuardOptions,
): Promise<readonly string[]> {
  const own = addressOf({ hostname });
  const addresses = own === undefined ? await resolve(hostname) : [own];
  if (!addresses.every((ip) => mayBeCalled(ip, allowPrivate))) throw new PrivateAddressError();
  return addresses;
}

/**
 * Connections to endpoints, for whose addresses it answers itself: a name is looked up for the connection that is being made,
 * its addresses are judged, and none but these is connected to. Whoever changes a name between a look and the connection
 * gains nothing. Follows no redirects and knows no proxy.
 */
export function guardedAgent(options: GuardOptions, tls: { readonly ca?: string } = {}): Agent {
  const lookup: LookupFunction = (hostname, { all }, done) => {
    addressesOf(hostname, options).then(
      (addresses) => {
        const list = addresses.map((address) => ({ address, family: isIP(address) }));
        const [first] = list;
        if (all || !first) done(null, list);
        else done(null, first.address, first.family);
      },
      (error: NodeJS.ErrnoException) => done(error, ''),
    );
  };
  const connect = buildConnector({ ...tls, lookup, timeout: connectMs, allowH2: false });
  const mayConnectTo = (ip: string | undefined) => ip !== undefined && mayBeCalled(ip, options.allowPrivate);
  return new Agent({
    allowH2: false,
    pipelining: 1,
    keepAliveTimeout: idleMs,
    keepAliveMaxTimeout: idleMs,
    connect: (target, done) => {
      // Of an address nobody asks `lookup`.
      if (isIP(target.hostname) !== 0 && !mayConnectTo(target.hostname)) {
        done(new PrivateAddressError(), null);
        return;
      }
      connect(target, (...[error, socket]) => {
        if (error !== null) return done(error, null);
        if (mayConnectTo(socket.remoteAddress)) return done(null, socket);
        socket.destroy();
        return done(new PrivateAddressError(), null);
      });
    },
  });
}
