import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { z } from 'zod';
import { problemResponse, problemSchema } from './operation.js';

const about = `Two-factor authentication for web control panels. A panel keeps its own password login and calls this API for the second factor.

Send \`Authorization: Bearer sp_…\`. Every POST, PUT, PATCH and DELETE takes an \`Idempotency-Key\`: the same key and body
get the same answer. Refusals are \`application/problem+json\` with a stable \`code\`.

Unknown fields in a request are refused. Later releases may add fields to responses, so ignore fields that you do not know.`;

const tags: readonly (readonly [name: string, description: string])[] = [
  ['accounts', "Customer accounts, identified by the panel's own ids"],
  ['users', 'Login identities of an account'],
  ['policy', 'Two-factor authentication rules of the tenant and its accounts'],
  ['devices', 'Authenticators of a user: apps, phones, mailboxes, passkeys'],
  ['two-factor', 'Turning two-factor authentication on and off, and resetting it'],
  ['trusted browsers', 'Browsers that skip the second factor for some days'],
  ['recovery codes', 'Single-use codes for users who have lost their devices'],
  ['challenges', 'The decision before login, and checking the second factor'],
  ['lockouts', 'Devices and recovery codes that are locked after too many wrong codes'],
  ['sending', 'Sending blocked by the SMS pumping guard'],
  ['deliveries', 'Messages that were sent, with every attempt'],
  ['audit', 'Sealed events of the audit log'],
  ['webhooks', 'Addresses that sealed events are sent to'],
  ['API keys', 'API keys of the tenant'],
  ['tenant', 'The tenant that the API key belongs to'],
  ['operations', 'Health checks, and the public keys that verify proofs'],
];

type ApiOperation = NonNullable<OpenAPIObject['paths'][string]['get']>;
type Header = NonNullable<NonNullable<OpenAPIObject['components']>['headers']>[string];

/** OpenAPI 3.1, from the schemas that check the requests. */
export function describeApi(app: INestApplication): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Sallyport')
    .setDescription(about)
    .setVersion('1')
    .setLicense('Apache-2.0', 'https://www.apache.org/licenses/LICENSE-2.0')
    .addServer('/', 'The gateway that serves this document')
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'sp_…', description: 'API key, `sp_…`' });
  for (const [name, description] of tags) builder.addTag(name, description);
  const document = SwaggerModule.createDocument(app, builder.build(), {
    operationIdFactory: (controller, method) => `${controller.replace('Controller', '')}_${method}`,
    standardSchemaConverter: (schema, { schemaType }) =>
      schema instanceof z.ZodType ? jsonSchema(schema, schemaType) : undefined,
  });
  for (const path of Object.values(document.paths)) {
    for (const operation of [path.post, path.put, path.patch, path.delete]) {
      // Whoever calls without a key brings none of these headers.
      if (operation?.security) describeChange(operation);
    }
    for (const operation of [path.get, path.post, path.put, path.patch, path.delete]) {
      if (operation) describeAnswers(operation);
    }
  }
  document.components = {
    ...document.components,
    schemas: { ...document.components?.schemas, Problem: jsonSchema(problemSchema, 'output').schema as never },
  };
  return document;
}

const answerHeaders: Record<'requestId' | 'retryAfter' | 'replayed' | 'authenticate', Header> = {
  requestId: { description: 'Id of this call, also in logs and events', required: true, schema: { type: 'string' } },
  retryAfter: {
    description: 'Seconds to wait (RFC 9110 §10.2.3)',
    required: true,
    schema: { type: 'integer', format: 'int32', minimum: 0 },
  },
  replayed: {
    description: '`true` if this is the stored response of an earlier call with the same `Idempotency-Key`',
    schema: { type: 'string', enum: ['true'] },
  },
  authenticate: { description: '`Bearer`', required: true, schema: { type: 'string' } },
};

/** Every call that changes something takes an Idempotency-Key and an actor, so no call has to say so. */
function describeChange(operation: ApiOperation): void {
  operation.parameters = [
    ...(operation.parameters ?? []),
    {
      name: 'Idempotency-Key',
      in: 'header',
      required: false,
      description: 'Makes a retry safe: the same key and body get the same response',
      schema: { type: 'string', maxLength: 255 },
    },
    {
      name: 'Sallyport-Actor',
      in: 'header',
      required: false,
      description: 'Who made this call, as an id of the panel; recorded in its events',
      schema: { type: 'string' },
    },
  ];
  for (const [status, code] of [
    ['409', 'idempotency_in_progress'],
    ['422', 'idempotency_key_reused'],
  ] as const) {
    const known = operation.responses[status];
    const before = known && 'description' in known ? `${known.description}, ` : '';
    operation.responses[status] = { ...problemResponse, description: `${before}\`${code}\`` };
  }
}

/** What stands in the headers of answers, and that a call without a key needs none. */
function describeAnswers(operation: ApiOperation): void {
  operation.security ??= [];
  const repeatable = operation.parameters?.some((each) => 'name' in each && each.name === 'Idempotency-Key');
  for (const [status, response] of Object.entries(operation.responses)) {
    if (!response || '$ref' in response) continue;
    // Refusals that a retry may end otherwise are not stored.
    const stored = repeatable && Number(status) < 500 && !['401', '403', '409', '429'].includes(status);
    response.headers = {
      'x-request-id': answerHeaders.requestId,
      ...(stored ? { 'Idempotent-Replayed': answerHeaders.replayed } : {}),
      ...(status === '429' ? { 'Retry-After': answerHeaders.retryAfter } : {}),
      ...(status === '401' ? { 'WWW-Authenticate': answerHeaders.authenticate } : {}),
    };
  }
}

interface WrittenSchema {
  type?: unknown;
  additionalProperties?: unknown;
  minimum?: number;
  maximum?: number;
  format?: string;
  oneOf?: readonly { readonly $ref?: string }[];
  discriminator?: object;
}

/** A schema whose `meta` has an `id` becomes a component of that name: clients get types with names. */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output') {
  const json = z.toJSONSchema(schema, {
    target: 'draft-2020-12',
    io,
    unrepresentable: 'any',
    override: ({ zodSchema, jsonSchema: written }) => refine(written as WrittenSchema, zodSchema, io),
  });
  const { $schema: _, $defs: components = {}, ...rest } = json;
  return { schema: rest, components };
}

/** What zod does not say: that answers are open, how large numbers may be, and which field tells cases apart. */
function refine(written: WrittenSchema, schema: z.core.$ZodType, io: 'input' | 'output'): void {
  if (io === 'output' && written.additionalProperties === false) delete written.additionalProperties;
  if (written.type === 'integer') {
    // Where a schema names no bound, zod names that of JavaScript. None of ours counts below zero.
    if (written.minimum === Number.MIN_SAFE_INTEGER) written.minimum = 0;
    if (written.maximum === Number.MAX_SAFE_INTEGER) {
      delete written.maximum;
      written.format ??= 'int32';
    }
  }
  if (!(schema instanceof z.ZodDiscriminatedUnion)) return;
  const { discriminator: propertyName, options } = schema.def;
  const mapping = (options as readonly z.ZodObject[]).flatMap((option) => {
    const id = z.globalRegistry.get(option)?.id;
    const told = option.shape[propertyName];
    const values = id !== undefined && told instanceof z.ZodLiteral ? [...told.values] : [];
    return values.map((value) => [String(value), `#/components/schemas/${id}`]);
  });
  written.discriminator = { propertyName, mapping: Object.fromEntries(mapping) as object };
}
