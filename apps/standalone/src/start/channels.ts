import { smtpChannel } from '../../../email-worker/src/smtp-channel.js';
import { vonageChannel } from '../../../sms-worker/src/vonage-channel.js';
import type { DeliveryChannel } from '#contracts';
import { optionalSetting, requiredSetting, SettingsError } from '#runtime';
import { openInbox, type Inbox } from '../inbox/inbox.js';
import { onUsualPort } from './usual-port.js';
import type { Start } from './steps.js';

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
 * @param host where the gateway listens
 * @throws {SettingsError} where one is configured by half: nobody means that; and where others would see the inbox
 */
export function chooseChannels(host: string): ChosenChannels {
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
  const chosen = {
    sms,
    email,
    inboxFor: [...(sms ? [] : (['SMS'] as const)), ...(email ? [] : (['e-mail'] as const))],
    missing: [...(sms ? [] : ['VONAGE_API_KEY']), ...(email ? [] : ['SMTP_URL'])],
    close: () => email?.close(),
  };
  const { inboxFor, missing } = chosen;
  if (inboxFor.length > 0 && !isLoopback(host)) {
    throw new SettingsError(
      `HOST is ${host}, but the inbox stands in for ${inboxFor.join(' and ')} and would show codes to others. Set ${missing.join(' and ')}, or HOST to 127.0.0.1.`,
    );
  }
  return chosen;
}

/** Addresses that only this machine reaches. */
function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

export interface Channels {
  readonly sms: DeliveryChannel;
  readonly email: DeliveryChannel;
  readonly inboxUrl: string | null;
  /** Ends connections to providers. */
  close(): void;
}

/** Opens the inbox where it stands in for a provider. */
export async function openChannels({ steps, logger, say }: Start, chosen: ChosenChannels): Promise<Channels> {
  const { sms, email, close } = chosen;
  if (sms && email) return { sms, email, inboxUrl: null, close };
  const port = { setting: 'INBOX_PORT', usual: 3002, who: 'the inbox', say } as const;
  const inbox: Inbox = await steps.take(
    'inbox',
    1200,
    () => onUsualPort(port, (taken) => openInbox(taken, logger('inbox'))),
    (opened) => opened.stop(),
  );
  return { sms: sms ?? inbox.channel('sms'), email: email ?? inbox.channel('email'), inboxUrl: inbox.url, close };
}
