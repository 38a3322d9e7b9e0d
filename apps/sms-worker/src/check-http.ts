import { request, type Dispatcher } from 'undici';
import type { RouteCheck } from '#contracts';

/**
 * Asks by OPTIONS (RFC 9110 §9.3.7), with neither a body nor a signature: nobody takes that for a message. It shows that address,
 * certificate and server are right, and cannot show that the secret is.
 */
export async function checkHttp(url: string, dispatcher: Dispatcher): Promise<RouteCheck> {
  const { host } = new URL(url);
  try {
    const { statusCode, body } = await request(url, { dispatcher, method: 'OPTIONS' });
    body.on('error', () => undefined).destroy();
    return judge(host, statusCode);
  } catch (error) {
    const { code } = error as { code?: unknown };
    if (typeof code === 'string' && /^(CERT_|ERR_TLS_|ERR_SSL_|EPROTO|SELF_SIGNED|DEPTH_ZERO|UNABLE_TO)/.test(code)) {
      return {
        status: 'fault',
        detail: `${host}: there is no TLS, or its certificate is not trusted (${code})`,
        fix: 'Mend the certificate of the sender. NODE_EXTRA_CA_CERTS names a CA of your own.',
      };
    }
    return {
      status: 'fault',
      detail: `${host} cannot be reached, or does not answer${typeof code === 'string' ? ` (${code})` : ''}`,
      fix: 'Check SMS_HTTP_URL, the firewall, and whether the sender runs.',
    };
  }
}

function judge(host: string, http: number): RouteCheck {
  if (http >= 300 && http < 400) {
    return {
      status: 'fault',
      detail: `${host} redirects (HTTP ${http}), which is not followed`,
      fix: 'Set SMS_HTTP_URL to the address that it leads to.',
    };
  }
  // A server that does not know the method at all may say 501.
  if (http >= 500 && http !== 501) {
    return {
      status: 'warning',
      detail: `${host} answers with HTTP ${http}`,
      fix: 'Look at the log of the sender, and at the proxy before it.',
    };
  }
  return { status: 'ok', detail: `${host} answers. Nothing was sent, so SMS_HTTP_SECRET was not tried` };
}
