import { SallyportError } from '#client';
import {
  assertSettings,
  createLogger,
  optionalSetting,
  requiredSetting,
  runProcess,
  serveHttp,
  SettingsError,
  tryPorts,
} from '#runtime';
import { startPanel } from './app.js';
import { description } from './description.js';

await runProcess(description, async () => {
  assertSettings(description.settings);
  const logger = createLogger(description.name);
  const onFault = (error: unknown) => logger.error({ err: error }, 'a page failed');
  const port = optionalSetting('PANEL_PORT') ?? 3001;
  const address = { host: '127.0.0.1', port, settings: { port: 'PANEL_PORT' } } as const;
  await tryPorts([address]);
  const panel = await startPanel({
    serve: (answerer) => serveHttp({ ...address, answerer, onFault }),
    url: optionalSetting('PANEL_URL'),
    sallyport: {
      url: requiredSetting('SALLYPORT_URL'),
      apiKey: requiredSetting('PANEL_API_KEY'),
      adminApiKey: requiredSetting('PANEL_ADMIN_API_KEY'),
    },
    peopleFile: requiredSetting('PANEL_PEOPLE'),
    onFault,
  }).catch((error: unknown) => {
    throw explained(error);
  });
  logger.info({ url: panel.url, port: panel.port }, 'ready');
  return panel;
});

/** What Sallyport answered while the panel started, in words for the operator. */
function explained(error: unknown): unknown {
  if (!(error instanceof SallyportError)) return error;
  switch (error.code) {
    case 'unavailable':
      return new SettingsError(
        'Sallyport does not respond at SALLYPORT_URL. Start the gateway, or correct the address.',
      );
    case 'unauthenticated':
      return new SettingsError('Sallyport does not know PANEL_API_KEY or PANEL_ADMIN_API_KEY. Check both.');
    case 'insufficient_scope':
      return new SettingsError(
        'PANEL_API_KEY needs the scopes accounts, devices and challenges; PANEL_ADMIN_API_KEY also needs audit and admin.',
      );
    default:
      return error;
  }
}
