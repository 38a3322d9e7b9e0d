import type { Vonage } from '@vonage/server-sdk';
import type { RouteCheck } from '#contracts';

/** Asks for the balance of the account. */
export async function checkVonage(vonage: Vonage): Promise<RouteCheck> {
  try {
    return judge(await vonage.accounts.getBalance());
  } catch (error) {
    const { response, name } = error as { response?: { readonly status?: unknown }; name?: unknown };
    const status = response?.status;
    if (status === 401 || status === 403) {
      return {
        status: 'fault',
        detail: `Vonage rejects the credentials (HTTP ${status})`,
        fix: 'Check VONAGE_API_KEY and VONAGE_API_SECRET.',
      };
    }
    if (typeof status === 'number') {
      return {
        status: 'warning',
        detail: `Vonage answers with HTTP ${status}`,
        fix: 'Try again; look at https://vonageapi.statuspage.io.',
      };
    }
    return {
      status: 'fault',
      detail: name === 'AbortError' ? 'Vonage does not answer' : 'Vonage cannot be reached',
      fix: 'Check the way out of this machine, and VONAGE_API_HOST.',
    };
  }
}

function judge(answer: unknown): RouteCheck {
  const { value, autoReload } = (answer ?? {}) as { value?: unknown; autoReload?: unknown };
  if (typeof value !== 'number') {
    return {
      status: 'warning',
      detail: 'Vonage accepts the credentials and does not tell the balance',
      fix: 'Look at the account at Vonage.',
    };
  }
  const detail = `Vonage accepts the credentials; balance ${value.toFixed(2)} in the currency of the account`;
  return value > 0 || autoReload === true
    ? { status: 'ok', detail }
    : { status: 'fault', detail, fix: 'Add credit to the account at Vonage.' };
}
