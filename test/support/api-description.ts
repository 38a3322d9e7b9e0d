import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { z } from 'zod';
import type { Call } from './gateway-harness.js';
import type { Answer } from './system.js';

/** As much of JSON Schema as the API's own schemas use. */
export interface JsonSchema {
  readonly type?: string | readonly string[];
  readonly properties?: Readonly<Record<string, JsonSchema>>;
  readonly required?: readonly string[];
  readonly items?: JsonSchema;
  readonly anyOf?: readonly JsonSchema[];
  readonly enum?: readonly unknown[];
  readonly const?: unknown;
}

interface Parameter {
  readonly name: string;
  readonly in: 'path' | 'query' | 'header';
  readonly required?: boolean;
  readonly schema: JsonSchema;
}

interface Response {
  readonly description: string;
  readonly content?: Readonly<Record<string, { readonly schema: JsonSchema }>>;
}

/** One call, as `/openapi.json` describes it. */
export interface ApiOperation {
  /** `POST /v1/challenges/{challengeId}/verify` */
  readonly key: string;
  readonly method: string;
  readonly path: string;
  /** Scope of the API key that it needs; null where it needs none. */
  readonly scope: string | null;
  readonly parameters: readonly Parameter[];
  readonly body: JsonSchema | null;
  readonly responses: Readonly<Record<string, Response>>;
}

interface Document {
  readonly paths: Record<string, Record<string, Record<string, unknown>>>;
  readonly components: { readonly schemas: Record<string, JsonSchema> };
}

const file = join(import.meta.dirname, '../../openapi.json');

/** The API as it describes itself, and whether answers are what it promises. */
export class ApiDescription {
  readonly operations: readonly ApiOperation[];
  private readonly schemas = new Map<JsonSchema, z.ZodType>();

  private constructor(document: Document) {
    const resolve = resolver(document.components.schemas);
    this.operations = Object.entries(document.paths).flatMap(([path, methods]) =>
      Object.entries(methods).map(([method, described]) => operationOf(path, method.toUpperCase(), described, resolve)),
    );
  }

  /** As `openapi.json` has it, which a test compares with what a gateway says: to ask each one costs a second. */
  static read(): ApiDescription {
    return new ApiDescription(JSON.parse(readFileSync(file, 'utf8')) as Document);
  }

  /** The operation behind a path as it is called. */
  find(method: string, path: string): ApiOperation | undefined {
    const parts = path.split('?')[0]?.split('/') ?? [];
    const fits = (template: string) => {
      const wanted = template.split('/');
      return (
        wanted.length === parts.length && wanted.every((part, index) => part.startsWith('{') || part === parts[index])
      );
    };
    return this.operations.find((operation) => operation.method === method && fits(operation.path));
  }

  /** What is wrong with an answer: a status, a refusal or a field that is not described. */
  faults(method: string, path: string, answer: Answer): string[] {
    const operation = this.find(method, path);
    if (!operation) return [];
    const type = answer.headers.get('content-type')?.split(';')[0] ?? '';
    const response = operation.responses[answer.status];
    if (!response) return [`${operation.key} describes no ${answer.status}: ${JSON.stringify(answer.body)}`];
    if (answer.status >= 400 && !response.description.includes(`\`${answer.body.code}\``)) {
      return [`${operation.key} describes no ${answer.status} ${answer.body.code}`];
    }
    if (!response.content)
      return answer.body === '' ? [] : [`${operation.key} describes no body of its ${answer.status}`];
    const schema = response.content[type]?.schema;
    if (!schema) return [`${operation.key} describes no ${type} for its ${answer.status}`];
    if (!/[/+]json$/.test(type)) return [];
    const result = this.schema(schema).safeParse(answer.body);
    if (result.success) return [];
    return result.error.issues.map(
      (issue) => `${operation.key} ${answer.status} ${issue.path.join('/')}: ${issue.message}`,
    );
  }

  /** The same calls, each failing where its answer is not as described. */
  checked(call: Call): Call {
    return async (method, path, body, headers) => {
      const answer = await call(method, path, body, headers);
      const faults = this.faults(method, path, answer);
      if (faults.length > 0) throw new Error(faults.join('\n'));
      return answer;
    };
  }

  private schema(schema: JsonSchema): z.ZodType {
    const known = this.schemas.get(schema);
    if (known) return known;
    // JSON Schema §6.4 wants patterns read as Unicode; zod reads them without, and takes `\p{Cc}` for letters.
    const withoutPatterns = JSON.stringify(schema, (name, value: unknown) => (name === 'pattern' ? undefined : value));
    const made = z.fromJSONSchema(closed(JSON.parse(withoutPatterns)) as Parameters<typeof z.fromJSONSchema>[0]);
    this.schemas.set(schema, made);
    return made;
  }
}

/** Answers are open, so that later releases can add fields. What this release answers and does not describe is a fault. */
export function closed(part: unknown): unknown {
  if (typeof part !== 'object' || part === null) return part;
  if (Array.isArray(part)) return part.map(closed);
  const inside = Object.fromEntries(Object.entries(part).map(([key, value]) => [key, closed(value)]));
  return 'properties' in part && !('additionalProperties' in part)
    ? { ...inside, additionalProperties: false }
    : inside;
}

type Resolve = <Part>(part: Part) => Part;

/** Replaces each `$ref` of a part by the schema that it names: one object for all who name it alone. */
function resolver(schemas: Record<string, unknown>): Resolve {
  const made = new Map<string, unknown>();
  const inside = (part: unknown): unknown => {
    if (typeof part !== 'object' || part === null) return part;
    if (Array.isArray(part)) return part.map(inside);
    const { $ref, ...beside } = part as { $ref?: string };
    if ($ref === undefined) return Object.fromEntries(Object.entries(part).map(([key, item]) => [key, inside(item)]));
    const name = $ref.split('/').at(-1) ?? '';
    if (!(name in schemas)) throw new Error(`There is no ${$ref}.`);
    if (!made.has(name)) made.set(name, inside(schemas[name]));
    const target = made.get(name);
    return Object.keys(beside).length === 0 ? target : { ...(target as object), ...beside };
  };
  return (part) => inside(part) as typeof part;
}

function operationOf(path: string, method: string, described: Record<string, unknown>, resolve: Resolve): ApiOperation {
  const { description, parameters, requestBody, responses } = described as {
    description?: string;
    parameters?: Parameter[];
    requestBody?: { content: Record<string, { schema: JsonSchema }> };
    responses: Record<string, Response>;
  };
  return {
    key: `${method} ${path}`,
    method,
    path,
    scope: /Scope: `([\w:]+)`/.exec(description ?? '')?.[1] ?? null,
    get parameters() {
      return once(this, 'parameters', resolve(parameters ?? []));
    },
    get body() {
      return once(this, 'body', resolve(requestBody?.content['application/json']?.schema ?? null));
    },
    get responses() {
      return once(this, 'responses', resolve(responses));
    },
  };
}

/** Found out when it is first asked for: most tests ask for few of all operations. */
function once<Value>(owner: object, name: string, value: Value): Value {
  Object.defineProperty(owner, name, { value });
  return value;
}
