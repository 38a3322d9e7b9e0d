import { describe, expect, it } from '@jest/globals';
import { ownPath, type Site } from './site.js';

describe('where a form leads', () => {
  const site = { url: 'https://panel.example' } as Site;

  it.each([
    ['/security', '/security'],
    ['/security?device=dev_1', '/security?device=dev_1'],
    ['/a/../security', '/security'],
    ['/%2e%2e/security', '/security'],
  ])('is within the panel: %s is %s', (asked, path) => expect(ownPath(site, asked)).toBe(path));

  // As a browser reads it: a backslash is a slash, tabs and line breaks are nothing, dots are taken out (WHATWG URL).
  it.each([
    'https://evil.example/',
    'evil',
    '//evil.example',
    '///evil.example',
    '/\\evil.example',
    '/\t/evil.example',
    '/.//evil.example',
    '/..//evil.example',
    '/a/..//evil.example',
    '/%2e//evil.example',
    'javascript:alert(1)',
    '/\\[',
    '',
    undefined,
    ['/security'],
  ])('is never another site: %j', (asked) => expect(ownPath(site, asked)).toBe('/'));
});
