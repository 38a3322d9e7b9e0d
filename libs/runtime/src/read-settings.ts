import { readFileSync } from 'node:fs';
import type { z } from 'zod';
import { settings, type SettingName } from './settings.js';

/** A setting that is missing or wrong: its message is one line that says what and how to mend it. */
export class SettingsError extends Error {
  override name = 'SettingsError';
}

type Value<N extends SettingName> = z.infer<(typeof settings)[N]['schema']>;
export type Environment = Readonly<Record<string, string | undefined>>;

/** Whether a setting has any value, be it right or wrong. */
export function isGiven(name: SettingName, env: Environment = process.env): boolean {
  return (env[name]?.trim() ?? '') !== '';
}

/**
 * Reads one setting.
 * @returns undefined where it is unset and has no default
 * @throws {SettingsError}
 */
export function optionalSetting<N extends SettingName>(name: N, env: Environment = process.env): Value<N> | undefined {
  const text = env[name]?.trim();
  const result = settings[name].schema.safeParse(text === '' ? undefined : text);
  if (result.success) return result.data as Value<N>;
  if (text === undefined || text === '') return undefined;
  throw new SettingsError(`${name} ${result.error.issues[0]?.message ?? 'is wrong'} (${settings[name].help}).`);
}

/** @throws {SettingsError} where it is wrong, or missing without a default */
export function requiredSetting<N extends SettingName>(name: N, env: Environment = process.env): Value<N> {
  const value = optionalSetting(name, env);
  if (value === undefined) throw new SettingsError(`${name} is missing (${settings[name].help}).`);
  return value;
}

/** Whether a process can't do without one, whatever others are given. */
export function isRequired(name: SettingName): boolean {
  return !('mayBeLeftOut' in settings[name]);
}

/**
 * Looks at many settings at once, before anything is started.
 * @param needed whether a process can't do without one that has no default
 * @param lacks what is wrong with them together
 * @throws {SettingsError} that names all that are wrong or missing, in one line
 */
export function assertSettings(
  names: readonly SettingName[],
  needed: (name: SettingName) => boolean = isRequired,
  env: Environment = process.env,
  lacks: readonly string[] = [],
): void {
  const faults = names.flatMap((name) => {
    try {
      if (needed(name)) requiredSetting(name, env);
      else optionalSetting(name, env);
      return [];
    } catch (error) {
      return [(error as SettingsError).message];
    }
  });
  const all = [...faults, ...lacks];
  if (all.length > 0) throw new SettingsError(all.join(' '));
}

/** @throws {SettingsError} where the file can't be read */
export function readSettingFile(name: SettingName, path: string): string {
  try {
    return readFileSync(path, 'utf8');
  } catch (error) {
    const reason = (error as NodeJS.ErrnoException).code ?? 'unknown error';
    throw new SettingsError(
      `${name} names the file ${path}, which cannot be read (${reason}). Check its path and permissions.`,
    );
  }
}
