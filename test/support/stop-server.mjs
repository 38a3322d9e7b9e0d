import { rm } from 'node:fs/promises';

/** Ends the PostgreSQL of the test run and removes its files. */
export default async function stopServer() {
  await globalThis.sallyportTestServer.stop();
  await rm(globalThis.sallyportTestFolder, { recursive: true, force: true });
}
