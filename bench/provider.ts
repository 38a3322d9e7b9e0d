import { startVonageServer } from '../test/support/vonage-server.ts';

/**
 * The SMS provider, in a process of its own: answers after so many ms, but for a share of its requests, which hang; ends with the
 * one that started it.
 */
const server = await startVonageServer();
const delayMs = Number(process.argv[2] ?? 0);
const share = Number(process.argv[3] ?? 0);
let count = 0;
/** Evenly spread, so that two runs are alike. */
function hangs(): boolean {
  count += 1;
  return Math.floor(count * share) > Math.floor((count - 1) * share);
}
if (share > 0) server.always(() => ({ delayMs: hangs() ? 3_600_000 : delayMs }));
else if (delayMs > 0) server.always({ delayMs });
process.send?.({ host: server.host, ...server.credentials });
process.once('disconnect', () => process.exit(0));
