import { defineEntity, p } from '@mikro-orm/core';
import { UserEntity } from './tenancy.entity.js';

/** One second-factor check in progress. */
export const ChallengeEntity = defineEntity({
  name: 'Challenge',
  tableName: 'challenge',
  properties: {
    id: p.text().primary(),
    tenantId: p.text(),
    user: p.manyToOne(UserEntity).mapToPk().fieldName('user_id').deleteRule('cascade'),
    purpose: p.text(),
    application: p.text().strictNullable(),
    /** The one device that may approve it, where the panel named one. */
    deviceId: p.text().strictNullable(),
    /** Whether a verified enrolment approves it. */
    enroll: p.boolean().default(false),
    status: p.text().default('pending'),
    checks: p.integer().default(0),
    maxChecks: p.integer(),
    detailSealed: p.blob().strictNullable(),
    /** MAC of the network or the trusted browser that it comes from, where the panel tells. */
    place: p.blob().strictNullable(),
    /** Whether the user had logged in from there when it began. */
    known: p.boolean().default(false),
    /** Where the policy lets a login make its browser trusted: what to call the browser in the list. */
    userAgentSealed: p.blob().strictNullable(),
    approvedDeviceId: p.text().strictNullable(),
    createdAt: p.datetime().defaultRaw('now()'),
    expiresAt: p.datetime(),
    endedAt: p.datetime().strictNullable(),
  },
  indexes: [
    { properties: ['user'] },
    {
      name: 'challenge_pending_user',
      properties: ['user', 'place'],
      expression: `create index "challenge_pending_user" on "challenge" ("user_id", "place") where status = 'pending'`,
    },
    {
      name: 'challenge_known_place',
      properties: ['user', 'place'],
      expression: `create index "challenge_known_place" on "challenge" ("user_id", "place") where status = 'approved' and place is not null`,
    },
    {
      name: 'challenge_pending_expiry',
      properties: ['expiresAt'],
      expression: `create index "challenge_pending_expiry" on "challenge" ("expires_at") where status = 'pending'`,
    },
  ],
});

/** The code sent to one device for one challenge, or for the device's own enrolment. The digits follow from the id. */
export const CodeEntity = defineEntity({
  name: 'Code',
  tableName: 'code',
  properties: {
    /** Challenge id, or the device's own id for its enrolment. */
    subjectId: p.text().primary(),
    deviceId: p.text().primary(),
    id: p.text(),
    sends: p.integer().default(1),
    lastSentAt: p.datetime().defaultRaw('now()'),
    expiresAt: p.datetime(),
    consumedAt: p.datetime().strictNullable(),
  },
  indexes: [{ properties: ['expiresAt'] }],
});

/** Ids of proofs that a protected call took back, kept until they would have expired. */
export const UsedProofEntity = defineEntity({
  name: 'UsedProof',
  tableName: 'used_proof',
  properties: {
    id: p.text().primary(),
    expiresAt: p.datetime(),
  },
  indexes: [{ properties: ['expiresAt'] }],
});

/** Stored answers of idempotent calls. */
export const IdempotentAnswerEntity = defineEntity({
  name: 'IdempotentAnswer',
  tableName: 'idempotent_answer',
  properties: {
    /** MAC of API key, method, path and Idempotency-Key. */
    key: p.blob().primary(),
    bodyHash: p.blob(),
    answerSealed: p.blob(),
    expiresAt: p.datetime(),
  },
  indexes: [{ properties: ['expiresAt'] }],
});
