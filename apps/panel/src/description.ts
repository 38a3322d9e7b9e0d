import type { ProcessDescription } from '#runtime';

export const description = {
  name: 'panel',
  about: 'a control panel to try Sallyport with, and to copy from: a customer of the API like any other.',
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
