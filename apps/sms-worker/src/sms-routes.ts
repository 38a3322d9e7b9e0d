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
  open(): DeliveryChannel;
}

const providers: Readonly<Record<SmsRouteName, Provider>> = {
  vonage: {
    signs: ['VONAGE_API_KEY', 'VONAGE_API_SECRET'],
    needs: ['VONAGE_API_KEY', 'VONAGE_API_SECRET', 'VONAGE_FROM'],
    open: configuredVonage,
  },
  twilio: {
    signs: ['TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN'],
    needs: ['TWILIO_ACCOUNT_SID', 'TWILIO_AUTH_TOKEN', 'TWILIO_FROM'],
    open: configuredTwilio,
  },
  http: {
    signs: ['SMS_HTTP_URL', 'SMS_HTTP_SECRET'],
    needs: ['SMS_HTTP_URL', 'SMS_HTTP_SECRET'],
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

/** As `providerNeeds`, for a process that can't do without any: Vonage is what is missing where nothing says another. */
export function smsWorkerNeeds(setting: SettingName): boolean {
  if (isRequired(setting) || providerNeeds(setting)) return true;
  return wantedProviders().length === 0 && !isGiven('SMS_ROUTES') && providers.vonage.needs.includes(setting);
}

/**
 * The routes of SMS, by their settings.
 * @throws {SettingsError} where a setting is missing or wrong, or no provider is configured
 */
export function configuredSmsRoutes(): RouteTable {
  const order = optionalSetting('SMS_ROUTES');
  const names = wantedProviders();
  if (names.length === 0) {
    throw new SettingsError('No provider of SMS is configured: set VONAGE_API_KEY, or see docs/routes.md for others.');
  }
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
