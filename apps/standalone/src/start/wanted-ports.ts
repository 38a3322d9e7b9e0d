import { optionalSetting, requiredSetting, type WantedPort } from '#runtime';

/** Those that were asked for. The usual ones of panel and inbox may be taken: then they are given others. */
export function wantedPorts(withInbox: boolean): WantedPort[] {
  const own = (port: 'PANEL_PORT' | 'INBOX_PORT'): WantedPort[] => {
    const chosen = optionalSetting(port);
    return chosen === undefined ? [] : [{ host: '127.0.0.1', port: chosen, settings: { port } }];
  };
  const served = (host: 'HOST' | 'METRICS_HOST', port: 'PORT' | 'METRICS_PORT'): WantedPort => ({
    host: requiredSetting(host),
    port: requiredSetting(port),
    settings: { host, port },
  });
  return [
    served('HOST', 'PORT'),
    served('METRICS_HOST', 'METRICS_PORT'),
    ...own('PANEL_PORT'),
    ...(withInbox ? own('INBOX_PORT') : []),
  ];
}
