import { scopes } from '#persistence';
import { z } from 'zod';
import { id, instant, line, listQuery, time } from '../http/schemas.js';

export const createBody = z.strictObject({
  name: line(100),
  scopes: z.array(z.enum(scopes)).min(1).max(scopes.length),
  application: line(64).optional().meta({ description: 'The application that the key is bound to, in every call' }),
  description: line(500).nullable().optional().meta({ description: 'What it is for' }),
  expiresAt: instant.nullable().optional().meta({
    description: 'When the key expires. Default: never, or when the API key that creates it expires',
  }),
});

export const apiKeyAnswer = z
  .object({
    id: id('key'),
    name: z.string(),
    scopes: z.array(z.enum(scopes)),
    application: z.string().nullable(),
    description: z.string().nullable(),
    createdAt: time,
    expiresAt: time.nullable().meta({ description: 'When it expires' }),
    lastUsedAt: time.nullable().meta({ description: 'When it was last used, to the minute' }),
    revokedAt: time.nullable(),
  })
  .meta({ id: 'ApiKey' });

export const createdAnswer = z
  .object({
    id: id('key'),
    key: z.string().meta({ description: 'Shown only once' }),
    name: z.string(),
    scopes: z.array(z.enum(scopes)),
    application: z.string().nullable(),
    description: z.string().nullable(),
    expiresAt: time.nullable(),
  })
  .meta({ id: 'NewApiKey' });

/** Which page of them. */
export const listApiKeysQuery = z.strictObject(listQuery);

export type CreateApiKeyBody = z.infer<typeof createBody>;
export type ListApiKeysQuery = z.infer<typeof listApiKeysQuery>;
export type ApiKeyAnswer = z.infer<typeof apiKeyAnswer>;
export type CreatedAnswer = z.infer<typeof createdAnswer>;
