import { optionalSetting, requiredSetting } from '#runtime';
import { keyFileOf } from '../home/data-dir.js';

/** SALLYPORT_KEYS, or else the key file of the data directory, for `loadKeys`. */
export function keySettings(): { readonly SALLYPORT_KEYS: string } {
  return { SALLYPORT_KEYS: optionalSetting('SALLYPORT_KEYS') ?? keyFileOf(requiredSetting('SALLYPORT_DATA_DIR')) };
}
