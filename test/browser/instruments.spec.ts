import { createHmac } from 'node:crypto';
import { describe, expect, it } from '@jest/globals';
import { toString as drawQr } from 'qrcode';
import { authenticatorApp } from '../support/authenticator-app.js';
import {
  describeInBrowser,
  expectAccessible,
  expectNoHorizontalScroll,
  readQr,
  virtualAuthenticator,
} from '../support/browser.js';

/** What the other tests look through: each instrument sees what is there, and misses nothing that is wrong. */
describeInBrowser('the instruments', (newPage) => {
  const html = (head: string, body: string) =>
    `<!doctype html><html lang="en"><head><title>Test</title><meta name="color-scheme" content="light dark">${head}</head><body><main><h1>Test</h1>${body}</main></body></html>`;
  const uri = `otpauth://totp/${encodeURIComponent('A Brand:jane@example.com')}?secret=${'GEZDGNBVGY3TQOJQ'.repeat(2)}&issuer=A%20Brand`;
  const image = async (style = '') => {
    const svg = await drawQr(uri, { type: 'svg' });
    return `<img alt="QR code" width="180" style="${style}" src="data:image/svg+xml;base64,${btoa(svg)}">`;
  };

  it.each(['light', 'dark'] as const)('read a QR code from the screen, in %s', async (colorScheme) => {
    const page = await newPage({ colorScheme });
    await page.setContent(html('', `<p style="height: 2000px">above</p>${await image()}`));
    expect(await readQr(page, page.getByAltText('QR code'))).toBe(uri);
  });

  it('read no QR code that is inverted or too small', async () => {
    const page = await newPage();
    for (const style of ['filter: invert(1)', 'width: 30px']) {
      await page.setContent(html('', await image(style)));
      await expect(readQr(page, page.getByAltText('QR code'))).rejects.toThrow('No QR code can be read');
    }
  });

  it('see what is not accessible, and in which colours', async () => {
    const page = await newPage({ colorScheme: 'dark' });
    await page.setContent(html('', '<label>Code <input></label>'));
    await expectAccessible(page);
    // On no ground of its own, axe takes a page for white.
    const ground = '<style>body { background: light-dark(white, #111) }</style>';
    await page.setContent(html(ground, '<input><p style="color: light-dark(black, #333)">Only by day</p>'));
    const findings = expectAccessible(page);
    await expect(findings).rejects.toThrow(/light: label[^]*dark: color-contrast[^]*dark: label/);
    await expect(findings).rejects.not.toThrow('light: color-contrast');
    expect(await page.evaluate('matchMedia("(prefers-color-scheme: dark)").matches')).toBe(true);
  });

  it('see what is wider than a phone or a desk', async () => {
    const page = await newPage();
    const withWidth = (width: string) =>
      page.setContent(
        html('<meta name="viewport" content="width=device-width">', `<p style="width: ${width}">wide</p>`),
      );
    await withWidth('auto');
    await expectNoHorizontalScroll(page);
    await withWidth('400px');
    await expect(expectNoHorizontalScroll(page)).rejects.toThrow(/^At 360 px[^]*width: 400px/);
    await withWidth('calc((100vw - 360px) * 2)');
    await expect(expectNoHorizontalScroll(page)).rejects.toThrow('At 1280 px');
  });

  it('hold passkeys and lose them', async () => {
    const page = await newPage();
    // Passkeys need a secure context, and localhost is one.
    await page.route('http://localhost/', (route) => route.fulfill({ contentType: 'text/html', body: html('', '') }));
    await page.goto('http://localhost/');
    const authenticator = await virtualAuthenticator(page);
    const options = `{ publicKey: { rp: { id: 'localhost', name: 'Test' }, user: { id: new Uint8Array(8), name: 'jane', displayName: 'Jane' },
      challenge: new Uint8Array(32), pubKeyCredParams: [{ type: 'public-key', alg: -7 }],
      authenticatorSelection: { residentKey: 'required', userVerification: 'required' } } }`;
    await page.evaluate(`navigator.credentials.create(${options}).then(() => undefined)`);
    const assert = () =>
      page.evaluate(
        `navigator.credentials.get({ publicKey: { challenge: new Uint8Array(32), rpId: 'localhost', timeout: 1000 } }).then(({ id }) => id)`,
      );
    const [credential, ...more] = await authenticator.credentials();
    expect([credential?.rpId, more]).toEqual(['localhost', []]);
    expect(await assert()).toBe(Buffer.from(credential?.credentialId ?? '', 'base64').toString('base64url'));
    await authenticator.removeCredential(credential?.credentialId ?? '');
    expect(await authenticator.credentials()).toEqual([]);
    await expect(assert()).rejects.toThrow('NotAllowedError');
    await authenticator.remove();
  });

  it('keep contexts apart, and tabs together', async () => {
    const [first, other] = [await newPage(), await newPage({ locale: 'nl', javaScriptEnabled: false })];
    const cookie = { name: 'session', value: 'a', url: 'http://localhost/' };
    await first.context().addCookies([cookie]);
    const cookiesSeen: Record<string, string | undefined>[] = [];
    for (const page of [await first.context().newPage(), other]) {
      await page.route('http://localhost/', async (route) => {
        const { cookie: sent, 'accept-language': language } = await route.request().allHeaders();
        cookiesSeen.push({ sent, language });
        await route.fulfill({ body: html('', '<noscript><p>No script.</p></noscript>'), contentType: 'text/html' });
      });
      await page.goto('http://localhost/');
    }
    expect(cookiesSeen).toMatchObject([
      { sent: 'session=a' },
      { sent: undefined, language: expect.stringMatching(/^nl/) },
    ]);
    expect(await other.locator('noscript p').isVisible()).toBe(true);
  });

  describe('an authenticator app', () => {
    /** RFC 6238 §4 and RFC 4226 §5.3, by hand. */
    const code = (key: string, algorithm: string, digits: number, step: number) => {
      const counter = Buffer.alloc(8);
      counter.writeBigUInt64BE(BigInt(step));
      const mac = createHmac(algorithm, key).update(counter).digest();
      const at = mac.readUInt8(mac.length - 1) & 15;
      return String((mac.readUInt32BE(at) & 0x7fffffff) % 10 ** digits).padStart(digits, '0');
    };
    const secret = 'GEZDGNBVGY3TQOJQGEZDGNBVGY3TQOJQ';
    const key = '12345678901234567890';

    it('shows the codes of an address or a typed secret, and none twice', async () => {
      const now = () => Math.floor(Date.now() / 30_000);
      for (const scanned of [`otpauth://totp/A:b?secret=${secret}&issuer=A`, secret.replace(/(.{4})/g, '$1 ')]) {
        const app = authenticatorApp(scanned);
        const before = now();
        const first = await app.freshCode();
        const steps = [before, now()].filter((step) => code(key, 'sha1', 6, step) === first);
        expect(steps).not.toEqual([]);
        expect(app.shownBefore()).toBe(first);
        expect(await app.freshCode()).toBe(code(key, 'sha1', 6, (steps[0] ?? 0) + 1));
      }
    });

    it('heeds algorithm, digits and period', async () => {
      const before = Math.floor(Date.now() / 60_000);
      const parameters = 'algorithm=SHA256&digits=8&period=60';
      const shown = await authenticatorApp(`otpauth://totp/A:b?secret=${secret}&${parameters}`).freshCode();
      const after = Math.floor(Date.now() / 60_000);
      expect([before, after].map((step) => code(key, 'sha256', 8, step))).toContain(shown);
    });
  });
});
