/** Ends the PostgreSQL of the test run and removes its files. */
export default async function stopServer() {
  await globalThis.sallyportTestServer.stop();
}
