import { Vonage } from '@vonage/server-sdk';
import { isGiven, optionalSetting, requiredSetting } from '#runtime';
import { fault, find, ok, skipped, warning, type Finding } from './finding.js';

const answerMs = 8000;

/** Asks for the balance of the account: nothing is sent. */
export function checkVonage(): Promise<Finding> {
  return find('vonage', 'Check VONAGE_API_KEY, VONAGE_API_SECRET and VONAGE_API_HOST.', async () => {
    if (!isGiven('VONAGE_API_KEY') && !isGiven('VONAGE_API_SECRET')) return skipped('VONAGE_API_KEY is not set here');
    const host = optionalSetting('VONAGE_API_HOST');
    const credentials = {
      apiKey: requiredSetting('VONAGE_API_KEY'),
      apiSecret: requiredSetting('VONAGE_API_SECRET'),
      // Without it the SDK asks the disk for `undefined`.
      privateKey: '',
    };
    const vonage = new Vonage(credentials, { timeout: answerMs, ...(host && { restHost: host }) });
    try {
      return judge(await vonage.accounts.getBalance());
    } catch (error) {
      const { response, name } = error as { response?: { readonly status?: unknown }; name?: unknown };
      const status = response?.status;
      if (status === 401 || status === 403)
        return fault(`Vonage rejects the credentials (HTTP ${status})`, 'Check VONAGE_API_KEY and VONAGE_API_SECRET.');
      if (typeof status === 'number') {
        return warning(`Vonage answers with HTTP ${status}`, 'Try again; look at https://vonageapi.statuspage.io.');
      }
      return fault(
        name === 'AbortError' ? `no answer within ${answerMs / 1000} s` : 'Vonage cannot be reached',
        'Check the way out of this machine, and VONAGE_API_HOST.',
      );
    }
  });
}

function judge({ value, autoReload }: { readonly value?: unknown; readonly autoReload?: unknown }) {
  if (typeof value !== 'number') {
    return warning('Vonage accepts the credentials and does not tell the balance', 'Look at the account at Vonage.');
  }
  const told = `Vonage accepts the credentials; balance ${value.toFixed(2)} in the currency of the account`;
  return value > 0 || autoReload === true ? ok(told) : fault(told, 'Add credit to the account at Vonage.');
}
