import { Injectable, type ArgumentMetadata, type PipeTransform } from '@nestjs/common';
import { Problem, type RequestFault } from '#contracts';
import type { z } from 'zod';

/** Checks parameters against their schemas, and says by JSON pointer (RFC 6901) what is wrong. */
@Injectable()
export class ValidationPipe implements PipeTransform {
  transform(value: unknown, metadata: ArgumentMetadata): unknown {
    const schema = metadata.schema as z.ZodType | undefined;
    if (!schema) return value;
    const place = { body: '', param: '/path', query: '/query' }[metadata.type as string] ?? '';
    const parent = metadata.data ? [metadata.data] : [];
    // A body that is absent is checked as an empty one, so that the missing fields are named.
    const result = schema.safeParse(metadata.type === 'body' ? (value ?? {}) : value);
    if (result.success) return result.data;
    const errors = result.error.issues.flatMap((issue) => faults(issue, place, parent));
    throw new Problem('invalid_request', { detail: summary(errors), errors: errors.slice(0, 20) });
  }
}

function faults(issue: z.core.$ZodIssue, place: string, parent: readonly string[]): RequestFault[] {
  const path = [...parent, ...issue.path.map(String)];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ pointer: pointer(place, [...path, key]), detail: 'is not known here' }));
  }
  return [{ pointer: pointer(place, path), detail: issue.message }];
}

/** RFC 6901 §3: `~` is written `~0`, `/` is written `~1`. */
function pointer(place: string, path: readonly string[]): string {
  const tokens = path.map((token) => `/${token.slice(0, 100).replaceAll('~', '~0').replaceAll('/', '~1')}`);
  return place + tokens.join('');
}

function summary(errors: readonly RequestFault[]): string {
  const first = errors[0];
  return first ? `${first.pointer || 'The body'}: ${first.detail}.`.replace('..', '.') : 'The request does not fit its schema.';
}
