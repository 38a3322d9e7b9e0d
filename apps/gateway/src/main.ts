import { runApp } from '#process';
import { optionalSetting, requiredSetting } from '#runtime';
import { configuredReceipts, startGateway } from './app.js';
import { standstill } from './health/standstill.js';
import { description } from './description.js';

/** A load balancer that looks every second or two has noticed by then. */
const usualDelaySeconds = 3;

await runApp({ description, poolSize: 16, queue: 'optional' }, (parts) => {
  parts.readiness.watch(standstill);
  return startGateway({
    ...parts,
    host: requiredSetting('HOST'),
    port: requiredSetting('PORT'),
    webhookAllowPrivate: requiredSetting('WEBHOOK_ALLOW_PRIVATE'),
    receipts: configuredReceipts(),
    shutdownDelayMs: (optionalSetting('SHUTDOWN_DELAY_SECONDS') ?? usualDelaySeconds) * 1000,
  });
});
