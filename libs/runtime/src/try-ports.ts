import { createServer, type Server } from 'node:net';
import { explain } from './explain.js';
import { SettingsError } from './read-settings.js';
import type { ListenSettings } from './settings.js';

export interface WantedPort {
  readonly host: string;
  /** 0 is always to be had. */
  readonly port: number;
  readonly settings: ListenSettings;
}

/**
 * Tries whether all of these addresses can be listened on, all at once, and lets go of them: a start that would fail at
 * its end fails before it has begun.
 * @throws {SettingsError} that names each one that can't be had, in one line
 */
export async function tryPorts(wanted: readonly WantedPort[]): Promise<void> {
  const servers: Server[] = [];
  const faults: string[] = [];
  // In turn, and held: of two settings with one port the second is told.
  for (const address of wanted) {
    try {
      servers.push(await listen(address));
    } catch (error) {
      faults.push(explain(Object.assign(error as Error, { settings: address.settings })));
    }
  }
  await Promise.all(servers.map((server) => new Promise((done) => server.close(done))));
  if (faults.length > 0) throw new SettingsError(faults.join(' '));
}

async function listen({ host, port }: WantedPort): Promise<Server> {
  const server = createServer();
  await new Promise<void>((done, fail) => {
    server.once('error', fail);
    server.listen({ host, port }, done);
  });
  return server;
}
