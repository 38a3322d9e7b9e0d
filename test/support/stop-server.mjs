import { rm } from 'node:fs/promises';

/** Ends the PostgreSQL of the test run and removes its files. */
export default async function stopServer() {
  const { server, folder } = globalThis.sallyportTestServer;
  await server.stop();
  await rm(folder, { recursive: true, force: true });
}
