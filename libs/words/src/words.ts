import type { AdviceCode, Method, NoticeName, ProblemCode, SmsNotice } from '#contracts';

/** Refusals that only the panel's developers can mend: a user needs no words for them. */
type ForDevelopers =
  | 'invalid_request'
  | 'unauthenticated'
  | 'insufficient_scope'
  | 'receipt_refused'
  | 'not_found'
  | 'http_method_not_allowed'
  | 'idempotency_in_progress'
  | 'idempotency_key_reused'
  | 'webhook_limit_reached'
  | 'webhook_disabled'
  | 'webhook_delivery_queued';

/** Everything that can be refused to a user, by the code of the refusal or of the decision; the rest are closer cases. */
export type RefusalName =
  | Exclude<ProblemCode, ForDevelopers>
  /** `code_invalid` that was right a moment ago. */
  | 'code_late'
  /** `code_already_used` of a code that was sent. */
  | 'sent_code_already_used'
  /** `code_already_used` and `code_invalid` of passkeys. */
  | 'passkey_copied'
  | 'passkey_registered'
  /** `send_limit_reached` of a day, for mail. */
  | 'email_limit_reached'
  /** `locked` without an end. */
  | 'device_disabled'
  /** Switching off where the policy leaves it to administrators. */
  | 'disabled_by_admin'
  /** `method_not_allowed` of a device that the policy does not let answer. */
  | 'device_not_allowed'
  /** `code_invalid` and `code_already_used` of a passkey. */
  | 'passkey_invalid'
  /** `method_not_allowed` of a method that the policy does not let stand alone. */
  | 'not_alone'
  /** `proof_invalid` of a proof by a device that serves some applications only. */
  | 'limited_device'
  /** Reasons of the decision before login. */
  | 'service_user_interactive'
  | 'two_factor_user'
  | 'required_by_policy'
  | 'all_devices_disabled'
  | 'no_usable_device';

/** What a code can confirm besides a login, told in the SMS that brings it. */
export type ConfirmedAction =
  'add_device' | 'remove_device' | 'change_phone' | 'disable' | 'regenerate_recovery_codes' | 'transaction';

/**
 * The words of one language. `{name}` is filled in. The code comes first in every text that has one: phones and mail
 * programs offer the first digits they find, and a brand may contain digits.
 */
export interface Words {
  /** GSM 7-bit alphabet only. */
  readonly sms: {
    /** From roomy to tight; the first that fits one segment is taken. The last one must fit whatever comes. */
    readonly code: readonly string[];
    /** The same with what the user confirms, shown whole, over two segments if need be. The tight one leaves it most room. */
    readonly transaction: readonly string[];
    /**
     * In place of `code`, what the code does: whoever is asked for it on the telephone, "to cancel a payment", must see
     * that it opens the door. From roomy to tight like `code`.
     */
    readonly actions: Readonly<Record<ConfirmedAction, readonly string[]>>;
    /** To a phone that serves no more, or somebody else as well. No digits: nothing in it may look like a code. */
    readonly notices: Readonly<Record<SmsNotice, string>>;
  };
  readonly mail: {
    readonly subject: string;
    /** What follows the code itself, by purpose; `other` for the rest. */
    readonly code: { readonly other: string } & Readonly<Record<string, string>>;
    readonly detail: string;
    readonly validity: string;
    readonly notYou: string;
  };
  readonly notices: Readonly<Record<NoticeName, { readonly subject: string; readonly text: readonly string[] }>>;
  /** Paragraphs that some notices have besides. */
  readonly noticeParts: {
    /** With a first device. */
    readonly twoFactorOn: string;
    /** With the use of one of the last recovery codes. */
    readonly recoveryCodesLow: string;
    readonly time: string;
    /** Why a webhook was disabled. */
    readonly webhookGone: string;
    readonly webhookFailing: string;
    /** Last, in each that tells of a change. */
    readonly unexpected: string;
  };
  readonly support: string;
  readonly methods: Readonly<Record<Method, string>>;
  readonly recoveryCodes: string;
  /** Stands in for facts that were not given. */
  readonly unknownDevice: string;
  readonly unknownTime: string;
  /** How `{wait}` is written: `short` (5 min) where the unit's long name would have to be declined. */
  readonly durations: 'long' | 'short';
  /** `{wait}` is a duration; `{support}` is `contact` where the policy names one, with a space before it. */
  readonly refusals: Readonly<Record<RefusalName, string>>;
  readonly contact: string;
  readonly advice: Readonly<Record<AdviceCode, string>>;
}
