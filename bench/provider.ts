import { startVonageServer } from '../test/support/vonage-server.ts';

/** The SMS provider that answers at once, in a process of its own; ends with the one that started it. */
const server = await startVonageServer();
process.send?.({ host: server.host, ...server.credentials });
process.once('disconnect', () => void server.close());
