import { z } from 'zod';
import { isGsm7, isVisible } from './text.js';

export const methods = ['totp', 'sms', 'email', 'webauthn'] as const;
export type Method = (typeof methods)[number];

const regions = new Intl.DisplayNames('en', { type: 'region', fallback: 'none' });

/** Whether a country goes by this code: `UK`, `AN` and their like are written otherwise, and would match no number. */
function isCountry(code: string): boolean {
  return regions.of(code) !== undefined && new Intl.Locale(`und-${code}`).region === code;
}

const seconds = (min: number, max: number) => z.int().min(min).max(max);
const host = z
  .string()
  .max(80)
  .regex(
    /^(?=.{1,80}$)[a-z0-9]([a-z0-9-]*[a-z0-9])?(\.[a-z0-9]([a-z0-9-]*[a-z0-9])?)*$/,
    'must be a host name in lower case',
  );
const line = (max: number) =>
  z
    .string()
    .min(1)
    .max(max)
    .regex(/^[^\p{Cc}\u2028\u2029]*$/u, 'must be one line of text')
    .refine(isVisible, 'must hold a letter or a sign that can be seen');

const origins = z
  .array(z.url({ protocol: /^https?$/ }))
  .min(1)
  .max(10);

const notices = z.strictObject({
  deviceAdded: z.boolean(),
  deviceRemoved: z.boolean(),
  phoneChanged: z.boolean(),
  twoFactorDisabled: z.boolean(),
  reset: z.boolean(),
  recoveryCodeUsed: z.boolean(),
  emailChanged: z.boolean(),
  lockout: z.boolean(),
});

/** Who answers for something that the rules would not allow, why, and until when. */
const exemption = z
  .strictObject({
    owner: line(200),
    reason: line(500),
    until: z.iso
      .datetime({ offset: true })
      .regex(/^(19[7-9]|2\d\d)\d-.*(Z|[+-](0\d|1[0-4]):\d\d)$/, 'must be between 1970 and 2999'),
  })
  .meta({ id: 'Exemption' });
export type Exemption = z.infer<typeof exemption>;

/** Every value of the policy, and what it may be. */
export const sections = {
  twoFactor: z.strictObject({
    required: z.enum(['none', 'all']),
    graceUntil: z.iso
      .datetime({ offset: true })
      // PostgreSQL reads it too: it knows no year 0, and no offset of sixteen hours.
      .regex(/^(19[7-9]|2\d\d)\d-.*(Z|[+-](0\d|1[0-4]):\d\d)$/, 'must be between 1970 and 2999')
      .nullable(),
    disableBy: z.enum(['user', 'admin']),
    onDisable: z.enum(['keep', 'remove']),
  }),
  methods: z.strictObject({
    allowed: z.array(z.enum(methods)).min(1).max(4),
    exclusive: z.boolean(),
    notAlone: z.array(z.enum(methods)).max(4),
  }),
  phone: z.strictObject({
    reuseVerifiedOnAccount: z.boolean(),
    allowedCountries: z
      .array(
        z
          .string()
          .regex(/^(\*|[A-Z]{2})$/, { error: 'must be "*" or an ISO 3166 country code in upper case', abort: true })
          .refine((code) => code === '*' || isCountry(code), 'is no ISO 3166 country code'),
      )
      .min(1)
      .max(250),
    /** Whose numbers may be given as they are dialled there, without a country code; null for none. */
    defaultCountry: z
      .string()
      .regex(/^[A-Z]{2}$/, { error: 'must be an ISO 3166 country code in upper case', abort: true })
      .refine(isCountry, 'is no ISO 3166 country code')
      .nullable(),
    smsPerDevicePerDay: z.int().min(0).max(100),
    /** Only Area/City is clear: PostgreSQL takes "+2" with the opposite sign, and for "IST" Israel where others take India. */
    timeZone: z
      .string()
      .max(64)
      .regex(/^(UTC|[A-Za-z_]+(\/[A-Za-z0-9_+-]+)+)$/, 'must be an IANA time zone, as in Europe/Amsterdam'),
  }),
  email: z.strictObject({ perDevicePerDay: z.int().min(1).max(100) }),
  /** What stands against codes that nobody wants: SMS pumping, and mail to strangers. See docs/sms-pumping.md. */
  sending: z.strictObject({
    /** Codes to one verified device an hour, over all its challenges. */
    perDevicePerHour: z.int().min(1).max(100),
    /** Codes to unverified devices an hour that nobody has entered yet: of one user, of one account, of the tenant. */
    perUserPerHour: z.int().min(1).max(500),
    perAccountPerHour: z.int().min(1).max(10_000),
    perTenantPerHour: z.int().min(1).max(1_000_000),
    /** The same for phone numbers that differ in their last four digits only. */
    perPrefixPerHour: z.int().min(1).max(10_000),
    /** Share of the codes to one region or mail domain that have to be entered, once 50 were sent in the hour; 0 asks for none. */
    minApprovedPercent: z.int().min(0).max(90),
    /** What SMS may cost in a day (UTC), in the provider's currency; null for no limit. */
    spendPerDay: z.number().min(0).max(1_000_000).nullable(),
  }),
  sms: z.strictObject({
    brand: line(30).refine(isGsm7, 'must be in the GSM 7-bit alphabet'),
    host: host.nullable(),
  }),
  webauthn: z.strictObject({
    rpId: host.refine(
      (name) => !/(^|\.)\d+$/.test(name),
      'must be a name: browsers take no IP address (WebAuthn L3 §5.1.3)',
    ),
    rpName: line(64),
    origins,
    /** Where passkeys of single applications are used, by name; the others take `origins`. */
    applications: z
      .record(line(64), origins)
      .refine((named) => Object.keys(named).length <= 20, 'must not name more than 20 applications'),
    /** Whether the authenticator has to ask for a PIN, a finger or a face (WebAuthn L3 §5.8.6). */
    userVerification: z.enum(['preferred', 'required']),
  }),
  proofRequired: z.strictObject({ removeDevice: z.boolean(), disable: z.boolean() }),
  supportContact: line(200).nullable(),
  notices,
  recoveryCodes: z.strictObject({ count: z.int().min(0).max(20), acknowledgementRequired: z.boolean() }),
  code: z.strictObject({
    /** NIST SP 800-63B-4 §3.1.3: at most ten minutes. */
    ttlSeconds: seconds(1, 600),
    resendAfterSeconds: seconds(0, 600),
    maxSends: z.int().min(1).max(10),
  }),
  challenge: z.strictObject({ ttlSeconds: seconds(1, 900), maxChecks: z.int().min(1).max(10) }),
  totp: z.strictObject({
    window: z.int().min(0).max(1),
    issuer: line(64),
    /** Whether seeds of 80 bits and more may be imported: older apps have them; 128 are safe (RFC 4226 §4 R6). */
    allowShortImport: z.boolean(),
  }),
  lockout: z.strictObject({
    free: z.int().min(1).max(20),
    baseSeconds: seconds(1, 3600),
    maxSeconds: seconds(1, 86_400),
    /** NIST SP 800-63B-4 §3.2.2: at most one hundred. */
    disableAt: z.int().min(1).max(100),
  }),
  trustedBrowser: z.strictObject({ allowed: z.boolean(), days: z.int().min(1).max(90) }),
  /** Whether a challenge for a transaction has to name what is paid, and to whom (PSD2 RTS art. 5). */
  transaction: z.strictObject({ amountAndPayee: z.enum(['optional', 'required']) }),
  /** Ways past the second factor. Where they are required, each needs an owner, a reason and an end, and ends then. */
  exemptions: z.strictObject({
    required: z.boolean(),
    serviceUsers: exemption.nullable(),
    gracePeriod: exemption.nullable(),
    trustedBrowser: exemption.nullable(),
    /** Of an account, for values of its own that are weaker than the tenant's. */
    override: exemption.nullable(),
  }),
  /** How long the log keeps its events. Of the tenant: accounts have no log of their own. See docs/audit-format.md. */
  audit: z.strictObject({
    /** Days after which events are pruned, once a witness has signed them; null for never. */
    retentionDays: z.int().min(30).max(36_500).nullable(),
    /** What `retentionDays` may not be below. */
    retentionAtLeastDays: z.int().min(0).max(36_500),
  }),
};

/** The whole policy, every value present. */
export const policySchema = z.strictObject(sections).meta({ id: 'Policy' });
export type Policy = z.infer<typeof policySchema>;

/** Policies ready made: those of five systems, and of rules for many. */
export const presetNames = [
  'service-panel',
  'user-card',
  'admin-panel',
  'control-panel',
  'customer-administration',
  'nist',
  'pci-dss',
  'nis2',
  'psd2',
] as const;
export type PresetName = (typeof presetNames)[number];

/** What a tenant or an account sets of its own; what it leaves out is inherited. */
export const policyOverrideSchema = z
  .strictObject({
    preset: z.enum(presetNames).optional().meta({ description: 'A preset for values that are not set here' }),
    twoFactor: sections.twoFactor.partial().optional(),
    methods: sections.methods.partial().optional(),
    phone: sections.phone.partial().optional(),
    email: sections.email.partial().optional(),
    sending: sections.sending.partial().optional(),
    sms: sections.sms.partial().optional(),
    webauthn: sections.webauthn.partial().optional(),
    proofRequired: sections.proofRequired.partial().optional(),
    supportContact: sections.supportContact.optional(),
    notices: notices.partial().optional(),
    recoveryCodes: sections.recoveryCodes.partial().optional(),
    code: sections.code.partial().optional(),
    challenge: sections.challenge.partial().optional(),
    totp: sections.totp.partial().optional(),
    lockout: sections.lockout.partial().optional(),
    trustedBrowser: sections.trustedBrowser.partial().optional(),
    transaction: sections.transaction.partial().optional(),
    exemptions: sections.exemptions.partial().optional(),
    audit: sections.audit.partial().optional(),
  })
  .meta({ id: 'PolicyOverride' });
export type PolicyOverride = z.infer<typeof policyOverrideSchema>;

/** A section of a change: every value may be left out, or null to have it inherited again. */
function patchOf<S extends z.ZodRawShape>({ shape }: z.ZodObject<S>) {
  const values = Object.entries(shape).map(([key, value]) => [key, (value as z.ZodType).nullable().optional()]);
  const patched = Object.fromEntries(values) as { [K in keyof S]: z.ZodOptional<z.ZodNullable<S[K]>> };
  return z.strictObject(patched).nullable().optional();
}

/** What a `PATCH` changes of an override. */
export const policyPatchSchema = z
  .strictObject({
    preset: z.enum(presetNames).optional().meta({
      description: 'A preset to apply. Values in the same request take precedence over it',
    }),
    twoFactor: patchOf(sections.twoFactor),
    methods: patchOf(sections.methods),
    phone: patchOf(sections.phone),
    email: patchOf(sections.email),
    sending: patchOf(sections.sending),
    sms: patchOf(sections.sms),
    webauthn: patchOf(sections.webauthn),
    proofRequired: patchOf(sections.proofRequired),
    supportContact: sections.supportContact.optional(),
    notices: patchOf(notices),
    recoveryCodes: patchOf(sections.recoveryCodes),
    code: patchOf(sections.code),
    challenge: patchOf(sections.challenge),
    totp: patchOf(sections.totp),
    lockout: patchOf(sections.lockout),
    trustedBrowser: patchOf(sections.trustedBrowser),
    transaction: patchOf(sections.transaction),
    exemptions: patchOf(sections.exemptions),
    audit: patchOf(sections.audit),
  })
  .meta({
    id: 'PolicyPatch',
    description:
      'Values that are left out stay unchanged. For exemptions, `graceUntil`, `host`, `retentionDays`, `spendPerDay` and `supportContact`, null is a value of its own; for any other value or a whole section, null means that it is inherited again.',
  });
export type PolicyPatch = z.infer<typeof policyPatchSchema>;
