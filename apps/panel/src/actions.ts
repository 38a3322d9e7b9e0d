import type { Method } from './answers.js';

/** What a person does to their own two-factor authentication. Kept while a second factor is asked for. */
export type Action =
  | {
      readonly kind: 'add-device';
      readonly device: {
        readonly method: Method;
        readonly name: string;
        readonly phone?: string;
        readonly email?: string;
        readonly replaces?: string;
      };
    }
  | { readonly kind: 'remove-device'; readonly deviceId: string; readonly name: string }
  | { readonly kind: 'change-phone'; readonly deviceId: string; readonly phone: string }
  | { readonly kind: 'switch-off' }
  | { readonly kind: 'new-recovery-codes' };

/** What stood in the form of an action, so that it can be shown again. */
export function formValues(action: Action): Record<string, string> {
  switch (action.kind) {
    case 'add-device':
      return { ...action.device };
    case 'change-phone':
      return { phone: action.phone };
    default:
      return {};
  }
}

/** The purpose whose proof lets each of them through. */
export const purposes = {
  'add-device': 'add_device',
  'remove-device': 'remove_device',
  'change-phone': 'change_phone',
  'switch-off': 'disable',
  'new-recovery-codes': 'regenerate_recovery_codes',
} as const satisfies Record<Action['kind'], string>;
