import { smtpChannel, smtpRouteName } from '../../../../email-worker/src/smtp-channel.js';
import { routeHere } from '../../../../sms-worker/src/sms-routes.js';
import type { DeliveryChannel } from '#contracts';
import { late, optionalSetting, smsRouteNames, within, type SmsRouteName } from '#runtime';
import { fault, find, ok, skipped, type Finding } from './finding.js';

/** A worker waits for longer where something is under way. */
const answerMs = 8000;

/** Looks at each provider of SMS and each mail server by what its worker sends with, and sends nothing. */
export async function checkRoutes(): Promise<readonly Finding[]> {
  const [mail, ...sms] = await Promise.all([checkMail(), ...smsRouteNames.map(checkSms)]);
  return [...mail, ...sms];
}

async function checkMail(): Promise<readonly Finding[]> {
  let urls: readonly string[] = [];
  const settings = await find('smtp', 'Correct SMTP_URL.', async () => {
    urls = optionalSetting('SMTP_URL') ?? [];
    return skipped('SMTP_URL is not set here');
  });
  if (urls.length === 0) return [settings];
  return Promise.all(
    urls.map((url, index) => {
      const name = smtpRouteName(index);
      // Without MAIL_FROM, of which another check tells, the server can be looked at all the same.
      return find(name, 'Correct SMTP_URL.', () => look(smtpChannel({ name, url, from: '' })));
    }),
  );
}

function checkSms(name: SmsRouteName): Promise<Finding> {
  return find(name, `Correct the settings of the route ${name} (docs/routes.md).`, async () => {
    const route = routeHere(name);
    return 'absent' in route ? skipped(route.absent) : look(route.open());
  });
}

async function look(channel: DeliveryChannel) {
  try {
    const found = await within(answerMs, channel.check?.() ?? Promise.resolve(ok('nothing to look at')));
    if (found !== late) return found;
    return fault(
      `no answer within ${answerMs / 1000} s`,
      'Check the address, the firewall, and the way out of this machine.',
    );
  } finally {
    channel.close?.();
  }
}
