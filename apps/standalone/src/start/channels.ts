import { configuredMailRoutes } from '../../../email-worker/src/smtp-channel.js';
import { configuredSmsRoutes, wantedProviders } from '../../../sms-worker/src/sms-routes.js';
import { RouteTable } from '#delivery';
import { isGiven, SettingsError } from '#runtime';
import { openInbox, type Inbox } from '../inbox/inbox.js';
import { onUsualPort } from './usual-port.js';
import type { Start } from './steps.js';

export interface ChosenChannels {
  /** Null where the inbox stands in. */
  readonly sms: RouteTable | null;
  readonly email: RouteTable | null;
  readonly inboxFor: readonly ('SMS' | 'e-mail')[];
}

/**
 * The providers that are configured.
 * @param host where the gateway listens
 * @throws {SettingsError} where one is configured by half: nobody means that; and where others would see the inbox
 */
export function chooseChannels(host: string): ChosenChannels {
  const sms = isGiven('SMS_ROUTES') || wantedProviders().length > 0 ? configuredSmsRoutes() : null;
  const email = isGiven('SMTP_URL') ? configuredMailRoutes() : null;
  const inboxFor = [...(sms ? [] : (['SMS'] as const)), ...(email ? [] : (['e-mail'] as const))];
  const missing = [...(sms ? [] : ['a provider of SMS (docs/routes.md)']), ...(email ? [] : ['SMTP_URL'])];
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
  readonly sms: RouteTable;
  readonly email: RouteTable;
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
  return {
    sms: sms ?? new RouteTable([inbox.channel('sms')]),
    email: email ?? new RouteTable([inbox.channel('email')]),
    inboxUrl: inbox.url,
  };
}
