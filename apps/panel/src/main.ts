import { createLogger, optionalSetting, requiredSetting, runProcess } from '#runtime';
import { startPanel } from './app.js';
import { description } from './description.js';

await runProcess(description, async () => {
  const logger = createLogger(description.name);
  const panel = await startPanel({
    host: '127.0.0.1',
    port: optionalSetting('PANEL_PORT') ?? 3001,
    url: optionalSetting('PANEL_URL'),
    sallyport: {
      url: requiredSetting('SALLYPORT_URL'),
      apiKey: requiredSetting('PANEL_API_KEY'),
      adminApiKey: requiredSetting('PANEL_ADMIN_API_KEY'),
    },
    peopleFile: requiredSetting('PANEL_PEOPLE'),
    onFault: (error) => logger.error({ err: error }, 'a page failed'),
  });
  logger.info({ url: panel.url, port: panel.port }, 'ready');
  return panel;
});
