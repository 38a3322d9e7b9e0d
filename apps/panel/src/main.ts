import { createLogger, optionalSetting, requiredSetting, runProcess, serveHttp } from '#runtime';
import { startPanel } from './app.js';
import { description } from './description.js';

await runProcess(description, async () => {
  const logger = createLogger(description.name);
  const onFault = (error: unknown) => logger.error({ err: error }, 'a page failed');
  const port = optionalSetting('PANEL_PORT') ?? 3001;
  const panel = await startPanel({
    serve: (answerer) => serveHttp({ host: '127.0.0.1', port, settings: { port: 'PANEL_PORT' }, answerer, onFault }),
    url: optionalSetting('PANEL_URL'),
    sallyport: {
      url: requiredSetting('SALLYPORT_URL'),
      apiKey: requiredSetting('PANEL_API_KEY'),
      adminApiKey: requiredSetting('PANEL_ADMIN_API_KEY'),
    },
    peopleFile: requiredSetting('PANEL_PEOPLE'),
    onFault,
  });
  logger.info({ url: panel.url, port: panel.port }, 'ready');
  return panel;
});
