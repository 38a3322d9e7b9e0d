import { z } from 'zod';
import { instant, time } from '../http/schemas.js';

export const profileNames = ['pci-dss', 'nis2', 'psd2', 'nist'] as const;
export type ProfileName = (typeof profileNames)[number];

export const complianceQuery = z.strictObject({
  profile: z.enum(profileNames),
  asOf: instant.optional().meta({
    description:
      'The time by which grace periods and exemptions have ended, and to which events are counted. Without it: the newest checkpoint of the log, or the last full hour, whichever is later',
  }),
});
export type ComplianceQuery = z.infer<typeof complianceQuery>;

const exemption = z.object({
  kind: z.enum(['serviceUsers', 'gracePeriod', 'trustedBrowser', 'override']),
  accountId: z.string().nullable(),
  owner: z.string(),
  reason: z.string(),
  until: z.string(),
  ended: z.boolean(),
});

const finding = z
  .object({
    rule: z.string().meta({ description: 'What is not kept, such as `user_without_second_factor`' }),
    accountId: z.string().nullable().meta({ description: 'Null for the policy of the tenant, and for the log' }),
    userId: z.string().nullable(),
    setting: z.string().nullable().meta({ description: 'The value of the policy, as `section.value`' }),
    detail: z.string(),
  })
  .meta({ id: 'ComplianceFinding' });
export type Finding = z.infer<typeof finding>;

const control = z
  .object({
    id: z.string(),
    title: z.string(),
    clause: z
      .string()
      .nullable()
      .meta({ description: 'Where the rules ask for it. docs/compliance says what was read' }),
    status: z.enum(['met', 'not_met', 'attention', 'not_applicable']),
    findings: z.array(finding),
    evidence: z.record(z.string(), z.unknown()),
  })
  .meta({ id: 'ComplianceControl' });
export type Control = z.infer<typeof control>;

export const report = z
  .object({
    profile: z.enum(profileNames),
    tenantId: z.string(),
    asOf: time,
    status: z.enum(['met', 'not_met', 'attention']),
    exemptions: z.array(exemption),
    controls: z.array(control),
  })
  .meta({ id: 'ComplianceReport' });
export type Report = z.infer<typeof report>;
export type ListedExemption = z.infer<typeof exemption>;

export const complianceAnswer = z.object({
  report,
  jws: z.string().meta({
    description:
      'The report, in canonical JSON (RFC 8785), signed: a compact JWS by a key of `/.well-known/jwks.json`, of the type `compliance-report+jws`',
  }),
});
