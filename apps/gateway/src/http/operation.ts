import { applyDecorators, HttpCode, SetMetadata } from '@nestjs/common';
import { RouteConfig } from '@nestjs/platform-fastify';
import { ApiBearerAuth, ApiHeader, ApiOperation, ApiResponse } from '@nestjs/swagger';
import { problemCodes, problems, type ProblemCode } from '#contracts';
import type { Scope } from '#persistence';
import { z } from 'zod';

/** What the pipeline must know of a call besides its schemas. */
export interface OperationOptions {
  readonly summary: string;
  /** More than the summary can say. */
  readonly about?: string;
  /** Scope that the API key needs; `any` where each will do, null where no key is asked for. */
  readonly scope: Scope | 'any' | null;
  readonly status: number;
  readonly answer?: z.ZodType;
  /** Media types of an answer that lasts: it gives its place back at once, and takes a turn for each piece. */
  readonly streams?: readonly string[];
  /** Refusals of its own; those that any call may give are added. */
  readonly refusals?: readonly ProblemCode[];
  /** Whether the answer carries a secret: then it is stored for ten minutes only. */
  readonly secret?: boolean;
  /** Whether it takes a proof in the header `Sallyport-Proof`. */
  readonly proof?: boolean;
  /**
   * Whether it takes its body as bytes, of whatever type, and reads it itself: whoever calls without a key signs those bytes. It is
   * checked by no schema.
   */
  readonly raw?: boolean;
  /** Whether someone who logs in waits for it: such calls keep places of their own when there are too many. */
  readonly login?: boolean;
}

export const operationKey = 'sallyport:operation';

const everyCall: readonly ProblemCode[] = ['invalid_request', 'unavailable'];
const withKey: readonly ProblemCode[] = ['unauthenticated', 'insufficient_scope', 'not_found'];

export const problemSchema = z.object({
  type: z.string(),
  title: z.string(),
  status: z.int().min(400).max(599),
  code: z.enum(problemCodes),
  detail: z.string().meta({ description: "For the panel's developers, in English" }),
  userMessage: z.string().optional().meta({
    description:
      "A message for the user, in the language of the user's or the account's locale, or else of Accept-Language",
  }),
  requestId: z.string(),
  errors: z.array(z.object({ pointer: z.string(), detail: z.string() })).optional(),
  retryAfter: z.int().optional(),
  attemptsLeft: z.int().optional(),
  lockedUntil: z.string().optional(),
  quota: z.object({ limit: z.int(), used: z.int(), resetsAt: z.string() }).optional(),
  supportContact: z.string().optional(),
});

/** A refusal in OpenAPI; its description names the codes. */
export const problemResponse = {
  content: { 'application/problem+json': { schema: { $ref: '#/components/schemas/Problem' } } },
};

/** Declares one call of the API: its status, scope, answer and refusals, for the pipeline and for OpenAPI alike. */
export function Operation(options: OperationOptions): MethodDecorator {
  const codes = [...everyCall, ...(options.scope ? withKey : []), ...(options.refusals ?? [])];
  const byStatus = Map.groupBy(codes, (code) => problems[code].status);
  const refusals = [...byStatus].map(([status, list]) =>
    ApiResponse({
      status,
      description: [...new Set(list)].map((code) => `\`${code}\``).join(', '),
      ...problemResponse,
    }),
  );
  const answer = ApiResponse({
    status: options.status,
    description: 'Done',
    ...(options.answer && { standardSchema: options.answer }),
    ...(options.streams && {
      content: Object.fromEntries(options.streams.map((type) => [type, { schema: { type: 'string' as const } }])),
    }),
  });
  const decorators = [
    HttpCode(options.status),
    SetMetadata(operationKey, options),
    // For what is decided before Nest knows the handler.
    RouteConfig({ operation: options }),
    ApiOperation({
      summary: options.summary,
      description: [options.about, options.scope ? `Scope: \`${options.scope}\`` : 'No API key is needed.']
        .filter(Boolean)
        .join('\n\n'),
    }),
    answer,
    ...refusals,
  ];
  if (options.scope) decorators.push(ApiBearerAuth());
  if (options.proof) {
    decorators.push(
      ApiHeader({ name: 'Sallyport-Proof', required: false, description: 'A proof for the purpose of this call' }),
    );
  }
  return applyDecorators(...decorators);
}
