import { afterAll, beforeAll, describe, expect, test } from '@jest/globals';
import { startPanel, type TestPanel } from '../../support/gateway-harness.js';

/** What a browser may do with an answer of the gateway. The page itself is looked at in `test/browser/docs.spec.ts`. */
let panel: TestPanel;
beforeAll(async () => {
  panel = await startPanel();
});
afterAll(() => panel.stop());

const headersOf = async (path: string) => (await fetch(`${panel.url}${path}`)).headers;

describe('a browser before the gateway', () => {
  const page = ['/docs', '/docs/', '/docs?x', '/docs/index.html'];
  test.each([...page, '/docs/swagger-ui-bundle.js', '/docs/swagger-ui-init.js', '/docs/none'])(
    'runs the scripts of %s and no other, and shows it in no frame',
    async (path) => {
      const headers = await headersOf(path);
      const policy = headers.get('content-security-policy') ?? '';
      expect(policy).toMatch(/^default-src 'none'; script-src 'self'; style-src 'self' 'unsafe-hashes' 'sha256-/);
      expect(policy).toMatch(/frame-ancestors 'none'; base-uri 'none'; form-action 'none'$/);
      expect(policy).not.toMatch(/unsafe-(inline|eval)|https?:|\*/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
      expect(headers.get('referrer-policy')).toBe('no-referrer');
    },
  );

  test.each(['/openapi.json', '/openapi.yaml', '/v1/accounts', '/healthz', '/docsx', '/%64ocs', '/%', '/none'])(
    'takes nothing of %s for a page',
    async (path) => {
      const headers = await headersOf(path);
      expect(headers.get('content-security-policy')).toMatch(/^default-src 'none'; frame-ancestors 'none'/);
      expect(headers.get('x-content-type-options')).toBe('nosniff');
    },
  );

  test('finds no metrics there', async () => {
    expect((await fetch(`${panel.url}/metrics`)).status).toBe(404);
    const { paths } = (await (await fetch(`${panel.url}/openapi.json`)).json()) as { paths: object };
    expect(paths).not.toHaveProperty('/metrics');
  });
});
