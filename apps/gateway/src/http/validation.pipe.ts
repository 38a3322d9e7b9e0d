import { Injectable, type ArgumentMetadata, type PipeTransform } from '@nestjs/common';
import { invalidRequest, Problem, type RequestFault } from '#contracts';
import type { z } from 'zod';
import { findUnstorable, pointerToken } from './read-json.js';

/** Checks parameters against their schemas, and says by JSON pointer (RFC 6901) what is wrong. */
@Injectable()
export class ValidationPipe implements PipeTransform {
  transform(value: unknown, metadata: ArgumentMetadata): unknown {
    const schema = metadata.schema as z.ZodType | undefined;
    if (!schema) return value;
    const place = { body: '', param: '/path', query: '/query' }[metadata.type as string] ?? '';
    const parent = metadata.data ? [metadata.data] : [];
    // A body that is absent is checked as an empty one, so that the missing fields are named.
    return validate(schema, metadata.type === 'body' ? (value ?? {}) : value, place, parent);
  }
}

/**
 * @param place of the value in the call, before the pointers to what is in it
 * @throws {Problem} `invalid_request`, with what is wrong and where
 */
export function validate<S extends z.ZodType>(
  schema: S,
  value: unknown,
  place = '',
  parent: readonly string[] = [],
): z.infer<S> {
  const result = schema.safeParse(value, { error: words });
  if (result.success) {
    const fault = findUnstorable(result.data, pointer(place, parent));
    if (fault) throw invalidRequest(fault.pointer, fault.detail);
    return result.data;
  }
  const errors = result.error.issues.flatMap((issue) => faults(issue, place, parent));
  throw new Problem('invalid_request', { detail: summary(errors), errors: errors.slice(0, 20) });
}

/** Said of a field, after its pointer. Where a schema has words of its own, those stand. */
const words: z.core.$ZodErrorMap = (issue) => {
  if (issue.input === undefined && issue.code.startsWith('invalid_')) return 'is missing';
  switch (issue.code) {
    case 'invalid_type':
      return `must be ${expected[issue.expected] ?? `of the type ${issue.expected}`}`;
    case 'invalid_value':
      return `must be ${issue.values.length === 1 ? '' : 'one of '}${issue.values.map((value) => JSON.stringify(value)).join(', ')}`;
    case 'too_small':
      return `must ${measure(issue.origin)} at least ${String(issue.minimum)}`;
    case 'too_big':
      return `must ${measure(issue.origin)} at most ${String(issue.maximum)}`;
    case 'invalid_format':
      return formats[issue.format];
    default:
      return undefined;
  }
};

const expected: Readonly<Record<string, string>> = {
  string: 'text',
  number: 'a number',
  int: 'a whole number',
  boolean: 'true or false',
  object: 'an object',
  array: 'a list',
};

const formats: Readonly<Record<string, string>> = {
  email: 'must be an e-mail address',
  datetime: 'must be a time as in 2027-01-31T12:00:00Z',
  url: 'must be a web address',
};

function measure(origin: string): string {
  if (origin === 'string') return 'have a length of';
  return origin === 'array' ? 'have a number of entries of' : 'be';
}

function faults(issue: z.core.$ZodIssue, place: string, parent: readonly string[]): RequestFault[] {
  const path = [...parent, ...issue.path.map(String)];
  if (issue.code === 'unrecognized_keys') {
    return issue.keys.map((key) => ({ pointer: pointer(place, [...path, key]), detail: 'is not a known field' }));
  }
  return [{ pointer: pointer(place, path), detail: issue.message }];
}

function pointer(place: string, path: readonly string[]): string {
  return place + path.map((token) => `/${pointerToken(token)}`).join('');
}

function summary(errors: readonly RequestFault[]): string {
  const first = errors[0];
  return first
    ? `${first.pointer || 'The body'}: ${first.detail}.`.replace('..', '.')
    : 'The request does not match its schema.';
}
