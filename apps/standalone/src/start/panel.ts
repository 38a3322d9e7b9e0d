import { join } from 'node:path';
import { replaceWhole, serveHttp, type Logger } from '#runtime';
import type { Database } from '#persistence';
import { startPanel, type RunningPanel } from '../../../panel/src/app.js';
import { keysOfTenant } from '../home/quickstart.js';
import { onUsualPort } from './usual-port.js';

/** The origin of passkeys in the default policy. */
const usualPort = 3001;

interface PanelParts {
  readonly database: Database;
  readonly dataDir: string;
  readonly gatewayUrl: string;
  readonly logger: Logger;
  readonly say: (line: string) => void;
}

/**
 * The reference panel as a customer of its own: its people, its policy and its presets are in a tenant that nobody else's
 * calls see. On this machine only, because its people have a password that everybody knows.
 */
export async function providePanel({ database, dataDir, gatewayUrl, logger, say }: PanelParts): Promise<RunningPanel> {
  const file = join(dataDir, 'panel.json');
  const keys = await keysOfTenant(database, 'panel', file);
  await replaceWhole(file, `${JSON.stringify(keys, null, 2)}\n`);
  const onFault = (error: unknown) => logger.error({ err: error }, 'a page of the panel failed');
  return onUsualPort({ setting: 'PANEL_PORT', usual: usualPort, who: 'the panel', say }, (port) =>
    startPanel({
      serve: (answerer) => serveHttp({ host: '127.0.0.1', port, settings: { port: 'PANEL_PORT' }, answerer, onFault }),
      sallyport: { url: gatewayUrl, ...keys },
      peopleFile: join(dataDir, 'panel-people.json'),
      onFault,
    }),
  );
}
