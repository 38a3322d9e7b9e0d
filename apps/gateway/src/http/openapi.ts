import type { INestApplication } from '@nestjs/common';
import { DocumentBuilder, SwaggerModule, type OpenAPIObject } from '@nestjs/swagger';
import { z } from 'zod';
import { problemResponse, problemSchema } from './operation.js';

const about = `The second door for web control panels: a panel keeps its password login and calls this API for the second factor.

Send \`Authorization: Bearer sp_…\`. Every POST, PUT, PATCH and DELETE takes an \`Idempotency-Key\`: the same key and body
get the same answer. Refusals are \`application/problem+json\` with a stable \`code\`.`;

/** OpenAPI 3.1, from the schemas that check the requests. */
export function describeApi(app: INestApplication): OpenAPIObject {
  const builder = new DocumentBuilder()
    .setOpenAPIVersion('3.1.0')
    .setTitle('Sallyport')
    .setDescription(about)
    .setVersion('1')
    .addBearerAuth({ type: 'http', scheme: 'bearer', bearerFormat: 'sp_…', description: 'API key, `sp_…`' })
    .build();
  const document = SwaggerModule.createDocument(app, builder, {
    operationIdFactory: (controller, method) => `${controller.replace('Controller', '')}_${method}`,
    standardSchemaConverter: (schema, { schemaType }) =>
      schema instanceof z.ZodType ? jsonSchema(schema, schemaType) : undefined,
  });
  for (const path of Object.values(document.paths)) {
    for (const operation of [path.post, path.put, path.patch, path.delete])
      if (operation) describeIdempotency(operation);
  }
  document.components = {
    ...document.components,
    schemas: { ...document.components?.schemas, Problem: jsonSchema(problemSchema, 'output').schema as never },
  };
  return document;
}

/** Every call that changes something takes an Idempotency-Key, so no call has to say so. */
function describeIdempotency(operation: OpenAPIObject['paths'][string]['get'] & object): void {
  operation.parameters = [
    ...(operation.parameters ?? []),
    {
      name: 'Idempotency-Key',
      in: 'header',
      required: false,
      description: 'The same key and body get the same answer',
      schema: { type: 'string', maxLength: 255 },
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

/** A schema whose `meta` has an `id` becomes a component of that name: clients get types with names. */
function jsonSchema(schema: z.ZodType, io: 'input' | 'output') {
  const json = z.toJSONSchema(schema, { target: 'draft-2020-12', io, unrepresentable: 'any' });
  const { $schema: _, $defs: components = {}, ...rest } = json;
  return { schema: rest, components };
}
