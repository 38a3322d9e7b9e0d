import type { Twilio } from 'twilio';
import type { RouteCheck } from '#contracts';

/**
 * Asks for the account (https://www.twilio.com/docs/iam/api/account).
 * @param httpOf the HTTP status with which Twilio refused; undefined where there was no answer
 */
export async function checkTwilio(
  client: Twilio,
  accountSid: string,
  httpOf: (error: unknown) => number | undefined,
): Promise<RouteCheck> {
  try {
    const { status } = await client.api.v2010.accounts(accountSid).fetch();
    return judge(status);
  } catch (error) {
    const http = httpOf(error);
    if (http === undefined) {
      return {
        status: 'fault',
        detail: 'Twilio cannot be reached, or does not answer',
        fix: 'Check the way out of this machine, and TWILIO_API_HOST.',
      };
    }
    // Of an account that it does not know, Twilio says 404 to whoever has the token of another one.
    return http === 401 || http === 403 || http === 404
      ? {
          status: 'fault',
          detail: `Twilio rejects the credentials (HTTP ${http})`,
          fix: 'Check TWILIO_ACCOUNT_SID and TWILIO_AUTH_TOKEN.',
        }
      : {
          status: 'warning',
          detail: `Twilio answers with HTTP ${http}`,
          fix: 'Try again; look at https://status.twilio.com.',
        };
  }
}

function judge(status: unknown): RouteCheck {
  switch (status) {
    case 'active':
      return { status: 'ok', detail: 'Twilio accepts the credentials, and the account is active' };
    case 'suspended':
      return {
        status: 'fault',
        detail: 'Twilio has suspended the account',
        fix: 'Add credit to the account at Twilio, or ask its support.',
      };
    case 'closed':
      return {
        status: 'fault',
        detail: 'the account at Twilio is closed',
        fix: 'Set TWILIO_ACCOUNT_SID to another one.',
      };
    default:
      return {
        status: 'warning',
        detail: 'Twilio accepts the credentials and does not tell the state of the account',
        fix: 'Look at the account at Twilio, and at TWILIO_API_HOST.',
      };
  }
}
