import type { DeliveryChannel } from '#contracts';
import { anywhere, RouteTable } from '#delivery';
import {
  isGiven,
  isRequired,
  optionalSetting,
  requiredSetting,
  SettingsError,
  smsRouteNames,
  type SettingName,
  type SmsRouteName,
} from '#runtime';
import { configuredHttp } from './http-channel.js';
import { configuredTwilio } from './twilio-channel.js';
import { configuredVonage } from './vonage-channel.js';

interface Provider {
  /** Any of these says that it is meant. */
  readonly signs: readonly SettingName[];
  readonly needs: readonly SettingName[];
  /** Which account or server it is: whoever has it sends. A gateway has no more than what receipts are checked by. */
  readonly sender: SettingName;
  open(): DeliveryChannel;
}

const providers: Readonly<Record<SmsRouteName, Provider>> = {
  vonage: {
    signs: ['VONAGE_API_KEY', 'VONAGE_API_SECRET'],
    needs: ['VONAGE_API_KEY', 'VONAGE_API_SECRET', 'VONAGE_FROM'],
    sender: 'VONAGE_API_KEY',
    open: configuredVonage,
  },
  twilio: {
    signs: ['TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN'],
    needs: ['TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN', 'TWILIO_FROM'],
    sender: 'TWILIO_ACCOUNT_SID',
    open: configuredTwilio,
  },
  http: {
    signs: ['SMS_HTTP_URL', 'SMS_HTTP_SECRET'],
    needs: ['SMS_HTTP_URL', 'SMS_HTTP_SECRET'],
    sender: 'SMS_HTTP_URL',
    open: configuredHttp,
  },
};

/** The providers that SMS_ROUTES names or, without it, of which a setting is given; in the order of `smsRouteNames`. */
export function wantedProviders(): readonly SmsRouteName[] {
  const order = routesOrNone();
  if (order) return smsRouteNames.filter((name) => Object.values(order).some((names) => names.includes(name)));
  return smsRouteNames.filter((name) => providers[name].signs.some((setting) => isGiven(setting)));
}

/** Whether a provider that is wanted needs a setting. */
export function providerNeeds(setting: SettingName): boolean {
  return wantedProviders().some((name) => providers[name].needs.includes(setting));
}

/** As `providerNeeds`, with what a process of its own needs besides. */
export function smsWorkerNeeds(setting: SettingName): boolean {
  return isRequired(setting) || providerNeeds(setting);
}

/** What is wrong for a process that can't do without a provider: that there is none. */
export function smsWorkerLacks(): readonly string[] {
  if (wantedProviders().length > 0 || isGiven('SMS_ROUTES')) return [];
  const routes = smsRouteNames.map((name) => `${name} (${providers[name].needs.join(', ')})`);
  return [
    `No route for SMS is configured: give the settings of at least one of ${routes.join(', ')}; see docs/routes.md.`,
  ];
}

/** Settings of a provider that are of use together only, for a shell that may have those of any process. */
export function neededTogether(name: SmsRouteName): readonly SettingName[] {
  return isGiven(providers[name].sender) ? providers[name].needs : [];
}

/** A route as a shell has it that may have the settings of any process: how to open it, or why there is none. */
export function routeHere(name: SmsRouteName): Pick<Provider, 'open'> | { readonly absent: string } {
  const order = routesOrNone();
  if (order && !Object.values(order).some((names) => names.includes(name))) {
    return { absent: 'SMS_ROUTES does not name it' };
  }
  const { sender, open } = providers[name];
  return order || isGiven(sender) ? { open } : { absent: `${sender} is not set here` };
}

/**
 * The routes of SMS, by their settings.
 * @throws {SettingsError} where a setting is missing or wrong, or no provider is configured
 */
export function configuredSmsRoutes(): RouteTable {
  const order = optionalSetting('SMS_ROUTES');
  const names = wantedProviders();
  const [nothing] = smsWorkerLacks();
  if (nothing !== undefined) throw new SettingsError(nothing);
  const channels = names.map((name) => providers[name].open());
  return new RouteTable(channels, order ?? { [anywhere]: names }, requiredSetting('SMS_CONCURRENCY'));
}

/** What is wrong with it is said where it is read for good. */
function routesOrNone(): ReturnType<typeof optionalSetting<'SMS_ROUTES'>> {
  try {
    return optionalSetting('SMS_ROUTES');
  } catch {
    return undefined;
  }
}
