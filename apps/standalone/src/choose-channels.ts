import { smtpChannel } from '../../email-worker/src/smtp-channel.js';
import { vonageChannel } from '../../sms-worker/src/vonage-channel.js';
import type { DeliveryChannel } from '#contracts';
import { optionalSetting, requiredSetting } from '#runtime';

export interface ChosenChannels {
  /** Null where the inbox stands in. */
  readonly sms: DeliveryChannel | null;
  readonly email: DeliveryChannel | null;
  readonly inboxFor: readonly ('SMS' | 'e-mail')[];
  /** Settings that would end the inbox. */
  readonly missing: readonly string[];
  close(): void;
}

/**
 * The providers that are configured.
 * @throws {SettingsError} where one is configured by half: nobody means that
 */
export function chooseChannels(): ChosenChannels {
  const sms =
    optionalSetting('VONAGE_API_KEY') === undefined && optionalSetting('VONAGE_API_SECRET') === undefined
      ? null
      : vonageChannel({
          apiKey: requiredSetting('VONAGE_API_KEY'),
          apiSecret: requiredSetting('VONAGE_API_SECRET'),
          from: requiredSetting('VONAGE_FROM'),
          host: optionalSetting('VONAGE_API_HOST'),
        });
  const smtpUrl = optionalSetting('SMTP_URL');
  const email = smtpUrl === undefined ? null : smtpChannel({ url: smtpUrl, from: requiredSetting('MAIL_FROM') });
  return {
    sms,
    email,
    inboxFor: [...(sms ? [] : (['SMS'] as const)), ...(email ? [] : (['e-mail'] as const))],
    missing: [...(sms ? [] : ['VONAGE_API_KEY']), ...(email ? [] : ['SMTP_URL'])],
    close: () => email?.close(),
  };
}
