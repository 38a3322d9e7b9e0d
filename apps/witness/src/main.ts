import { assertSettings, createLogger, readSettingFile, requiredSetting, runProcess } from '#runtime';
import { description } from './description.js';
import { startWitness } from './start-witness.js';
import { WatchedLogs } from './watched-logs.js';

await runProcess(description, async () => {
  assertSettings(description.settings);
  const logger = createLogger(description.name);
  const witness = await startWitness({
    name: requiredSetting('WITNESS_NAME'),
    logs: WatchedLogs.parse(readSettingFile('WITNESS_LOGS', requiredSetting('WITNESS_LOGS'))),
    folder: requiredSetting('WITNESS_DATA_DIR'),
    address: { host: requiredSetting('HOST'), port: requiredSetting('WITNESS_PORT') },
    metricsAddress: { host: requiredSetting('METRICS_HOST'), port: requiredSetting('METRICS_PORT') },
    logger,
  });
  const { url, metricsUrl, vkey } = witness;
  logger.info({ url, metricsUrl, vkey }, 'ready');
  return witness;
});
