import { neededTogether } from '../../../../sms-worker/src/sms-routes.js';
import { isGiven, optionalSetting, settings, SettingsError, smsRouteNames, type SettingName } from '#runtime';
import { fault, find, ok, type Finding } from './finding.js';

const names = Object.keys(settings) as SettingName[];

/** Settings that are of use together only. */
const ofMail: readonly SettingName[] = ['SMTP_URL', 'MAIL_FROM'];

/** Each setting that this shell has: a process that is given the same starts with them. */
export function checkSettings(): Promise<Finding> {
  const fix = 'Correct the settings that are named (docs/settings.md).';
  return find('settings', fix, async () => {
    const given = names.filter((name) => isGiven(name));
    const wrong = given.flatMap((name) => {
      try {
        optionalSetting(name);
        return [];
      } catch (error) {
        return [error instanceof SettingsError ? error.message : `${name} is wrong.`];
      }
    });
    const halves = [ofMail, ...smsRouteNames.map(neededTogether)].flatMap((group) => {
      const absent = group.filter((name) => !isGiven(name));
      const isHalf = absent.length > 0 && absent.length < group.length;
      return isHalf ? absent.map((name) => `${name} is missing (${settings[name].help}).`) : [];
    });
    const faults = [...wrong, ...halves];
    if (faults.length > 0) return fault(faults.join(' '), fix);
    return ok(given.length === 0 ? 'none is set: the defaults of npm start' : `set here: ${given.join(', ')}`);
  });
}
