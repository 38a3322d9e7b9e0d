/**
 * Everything that a span may say, with what it means; docs/traces.md lists them for operators. No other name compiles. None of them
 * has a value that a person typed, was sent or is called by: traces go to systems that keep them openly and for long. Names are those
 * of OpenTelemetry's conventions (https://opentelemetry.io/docs/specs/semconv/) where it has one.
 */
export const spanFacts = {
  'http.request.method': 'HTTP method of a call, or of a request to a provider',
  'http.route': 'template of the address of a call, such as `/v1/challenges/:challengeId/verify`; never the address',
  'http.response.status_code': 'HTTP status of the answer',
  'server.address': 'host name of a provider or of an endpoint, without path',
  'db.system.name': '`postgresql`',
  'db.query.summary': 'name of the statement, as in the folder `sql`; never its text or values',
  'messaging.system': '`bullmq`',
  'messaging.destination.name': 'queue',
  'messaging.operation.type': '`send` or `process`',
  'messaging.message.id': 'id of the job',
  'error.type':
    'what went wrong, by its kind: an HTTP status, a code of PostgreSQL or Node.js, a name of ours as in `delivery_attempt`',
  'sallyport.tenant_id': 'tenant whose call, delivery or webhook it is',
  'sallyport.request_id': 'request, as in `x-request-id`, in events and in the log',
  'sallyport.delivery_id': 'delivery that is attempted',
  'sallyport.webhook_id': 'endpoint that is told',
  'sallyport.attempt': 'number of the attempt',
  'sallyport.route': 'route of a message, such as `vonage`',
  'sallyport.outcome':
    '`done`, `again` or `failed` of a job; `sent`, `transient`, `permanent` or `unknown` of a message',
  'sallyport.events': 'number of events that were sealed together',
} as const satisfies Record<string, string>;

export type SpanFact = keyof typeof spanFacts;
