import { InvalidArgumentError } from 'commander';
import { isVisible, policyOverrideSchema } from '#contracts';
import { scopes, type Scope } from '#persistence';

export function parseCountries(text: string): string[] {
  const asked = text.split(',').map((country) => country.trim().toUpperCase());
  const parsed = policyOverrideSchema.safeParse({ phone: { allowedCountries: asked } });
  if (parsed.success) return asked;
  throw new InvalidArgumentError(
    'must be ISO 3166 codes separated by commas, for example NL,BE; "*" means every country.',
  );
}

export function parseFuture(text: string): Date {
  const time = new Date(text);
  if (/^\d{4}-/.test(text) && time.getTime() > Date.now()) return time;
  throw new InvalidArgumentError('must be a time in the future, for example 2027-12-31T00:00:00Z.');
}

/** Text by the rules of the API. */
export function parseLine(max: number): (text: string) => string {
  return (text) => {
    const line = text.trim();
    if (line.length <= max && isVisible(line) && !/[\p{Cc}\u2028\u2029]/u.test(line)) return line;
    throw new InvalidArgumentError(`must be one line of visible text with at most ${max} characters.`);
  };
}

export function parseSequence(text: string): number {
  const sequence = Number(text);
  if (!Number.isSafeInteger(sequence) || sequence < 0)
    throw new InvalidArgumentError('must be a whole number, 0 or more.');
  return sequence;
}

/** A whole number within bounds. */
export function parseCount(least: number, most: number): (text: string) => number {
  return (text) => {
    const count = Number(text);
    if (/^\d{1,9}$/.test(text) && count >= least && count <= most) return count;
    throw new InvalidArgumentError(`must be a whole number from ${least} to ${most}.`);
  };
}

export function parseScopes(text: string): Scope[] {
  const names = text.split(',').map((name) => name.trim());
  return names.map((name) => {
    const known = scopes.find((scope) => scope === name);
    if (!known) throw new InvalidArgumentError(`"${name}" is not a scope. Use any of ${scopes.join(', ')}.`);
    return known;
  });
}

/** What a key with a scope may do, for whoever makes one. */
const scopeWords: Record<Scope, string> = {
  accounts: 'accounts and users; read policies',
  devices: 'devices, recovery codes and trusted browsers; turn two-factor authentication on and off',
  challenges: 'sign-ins and confirmations; read deliveries',
  audit: 'read the audit log, without what is personal',
  'audit:personal': "read a user's own events, and with audit what is personal in all events",
  admin: 'change policies, reset, erase and import users, lift limits, manage API keys',
};

export const scopesHelp = `
Scopes:
${scopes.map((scope) => `  ${scope.padEnd(16)}${scopeWords[scope]}`).join('\n')}`;
