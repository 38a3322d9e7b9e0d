import { z } from 'zod';

/** Providers of SMS that routes may be made of, in the order in which they are used where nobody says another. */
export const smsRouteNames = ['vonage', 'twilio', 'http'] as const;
export type SmsRouteName = (typeof smsRouteNames)[number];

const form = 'such as vonage,http or NL,BE=http,vonage; *=vonage,twilio';

/**
 * Routes by country: `NL,BE=http,vonage; *=vonage`, or `vonage,http` alone for all countries. By country (ISO 3166-1 alpha-2)
 * and for `*` the names of routes, the first choice first.
 */
export const smsRoutes = z.string().transform((text, context): Readonly<Record<string, readonly SmsRouteName[]>> => {
  const order = new Map<string, readonly SmsRouteName[]>();
  const fault = faultOf(text, order);
  if (fault !== undefined) context.addIssue({ code: 'custom', message: fault });
  return Object.fromEntries(order);
});

/** Reads `text` into `order`. @returns what is wrong with it */
function faultOf(text: string, order: Map<string, readonly SmsRouteName[]>): string | undefined {
  for (const part of text.split(';').filter((each) => each.trim() !== '')) {
    const sides = part.split('=').map(listOf);
    const [countries, names] = sides.length === 1 ? [['*'], sides[0] ?? []] : [sides[0] ?? [], sides[1] ?? []];
    if (sides.length > 2 || countries.length === 0 || names.length === 0)
      return `must be routes in their order, ${form}`;
    const unknown = names.find((name) => !(smsRouteNames as readonly string[]).includes(name));
    if (unknown !== undefined) return `must name routes among ${smsRouteNames.join(', ')}, ${form}`;
    if (new Set(names).size < names.length) return 'must name each route once for a country';
    for (const country of countries) {
      if (country !== '*' && !isCountry(country)) return `must name countries by two letters (ISO 3166), ${form}`;
      if (order.has(country)) return `must say once what ${country} goes by`;
      order.set(country, names as SmsRouteName[]);
    }
  }
  return order.has('*') ? undefined : `must say by *= what all other countries go by, ${form}`;
}

function listOf(text: string): string[] {
  const names = text.split(',').map((name) => name.trim());
  return names.includes('') ? [] : names;
}

/** Codes in use: not `UK`, which stands for `GB`, and none that stands for no country. */
function isCountry(code: string): boolean {
  if (!/^[A-Z]{2}$/.test(code)) return false;
  const names = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });
  return new Intl.Locale(`und-${code}`).region === code && names.of(code) !== undefined && code !== 'ZZ';
}
