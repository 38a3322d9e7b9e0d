import type { PolicyOverride, PresetName } from '../policy.js';
import { adminPanel } from './admin-panel.js';
import { controlPanel } from './control-panel.js';
import { customerAdministration } from './customer-administration.js';
import { nis2 } from './nis2.js';
import { nist } from './nist.js';
import { pciDss } from './pci-dss.js';
import { psd2 } from './psd2.js';
import { servicePanel } from './service-panel.js';
import { userCard } from './user-card.js';

const presets: Readonly<Record<PresetName, PolicyOverride>> = {
  'service-panel': servicePanel,
  'user-card': userCard,
  'admin-panel': adminPanel,
  'control-panel': controlPanel,
  'customer-administration': customerAdministration,
  nist: nist,
  'pci-dss': pciDss,
  nis2: nis2,
  psd2: psd2,
};

/** What stands in a preset for a tenant only: accounts have no log of their own. */
function presetFor(accountId: string | null, name: PresetName): PolicyOverride {
  const { audit, ...values } = presets[name];
  return accountId === null && audit ? { ...values, audit } : values;
}

/**
 * An override with the values of the preset that it names written out, and its own laid over them. So a preset is what it
 * was when it was applied: another release changes nobody's policy.
 * @param accountId null for the tenant's own
 */
export function applyPreset(accountId: string | null, override: PolicyOverride): PolicyOverride {
  if (override.preset === undefined) return override;
  const values: Record<string, unknown> = { ...presetFor(accountId, override.preset) };
  for (const [section, value] of Object.entries(override)) {
    const below = values[section];
    values[section] =
      typeof value === 'object' && value !== null ? { ...(below as object | undefined), ...value } : value;
  }
  return values;
}
