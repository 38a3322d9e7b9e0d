import { startVonageServer } from '../test/support/vonage-server.ts';

/** The SMS provider, in a process of its own: answers after so many ms; ends with the one that started it. */
const server = await startVonageServer();
const delayMs = Number(process.argv[2] ?? 0);
if (delayMs > 0) server.always({ delayMs });
process.send?.({ host: server.host, ...server.credentials });
process.once('disconnect', () => void server.close());
