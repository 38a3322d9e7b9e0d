import type { ProcessDescription } from '#runtime';

export const description = {
  name: 'panel',
  about: 'a small control panel to try Sallyport with and to copy from. It uses the public API only.',
  settings: [
    'SALLYPORT_URL',
    'PANEL_API_KEY',
    'PANEL_ADMIN_API_KEY',
    'PANEL_PORT',
    'PANEL_URL',
    'PANEL_PEOPLE',
    'LOG_LEVEL',
  ],
  keys: [],
} as const satisfies ProcessDescription;
