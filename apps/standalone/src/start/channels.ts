import { configuredSmtp } from '../../../email-worker/src/smtp-channel.js';
import { configuredVonage } from '../../../sms-worker/src/vonage-channel.js';
import type { DeliveryChannel } from '#contracts';
import { optionalSetting, SettingsError, type SettingName } from '#runtime';
import { openInbox, type Inbox } from '../inbox/inbox.js';
import { onUsualPort } from './usual-port.js';
import type { Start } from './steps.js';

export interface ChosenChannels {
  /** Null where the inbox stands in. */
  readonly sms: DeliveryChannel | null;
  readonly email: DeliveryChannel | null;
  readonly inboxFor: readonly ('SMS' | 'e-mail')[];
}

/**
 * The providers that are configured.
 * @param host where the gateway listens
 * @throws {SettingsError} where one is configured by half: nobody means that; and where others would see the inbox
 */
export function chooseChannels(host: string): ChosenChannels {
  const given = (...names: SettingName[]) => names.some((name) => optionalSetting(name) !== undefined);
  const sms = given('VONAGE_API_KEY', 'VONAGE_API_SECRET') ? configuredVonage() : null;
  const email = given('SMTP_URL') ? configuredSmtp() : null;
  const inboxFor = [...(sms ? [] : (['SMS'] as const)), ...(email ? [] : (['e-mail'] as const))];
  const missing = [...(sms ? [] : ['VONAGE_API_KEY']), ...(email ? [] : ['SMTP_URL'])];
  if (inboxFor.length > 0 && !isLoopback(host)) {
    throw new SettingsError(
      `HOST is ${host}, but the inbox stands in for ${inboxFor.join(' and ')} and would show codes to others. Set ${missing.join(' and ')}, or HOST to 127.0.0.1.`,
    );
  }
  return { sms, email, inboxFor };
}

/** Addresses that only this machine reaches. */
function isLoopback(host: string): boolean {
  return host === 'localhost' || host === '::1' || /^127\.\d+\.\d+\.\d+$/.test(host);
}

export interface Channels {
  readonly sms: DeliveryChannel;
  readonly email: DeliveryChannel;
  readonly inboxUrl: string | null;
}

/** Opens the inbox where it stands in for a provider. */
export async function openChannels({ steps, logger, say }: Start, chosen: ChosenChannels): Promise<Channels> {
  const { sms, email } = chosen;
  if (sms && email) return { sms, email, inboxUrl: null };
  const port = { setting: 'INBOX_PORT', usual: 3002, who: 'the inbox', say } as const;
  const inbox: Inbox = await steps.take(
    'inbox',
    1200,
    () => onUsualPort(port, (taken) => openInbox(taken, logger('inbox'))),
    (opened) => opened.stop(),
  );
  return { sms: sms ?? inbox.channel('sms'), email: email ?? inbox.channel('email'), inboxUrl: inbox.url };
}
