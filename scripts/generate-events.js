/**
 * Writes docs/events.md from the catalogue of events and docs/log-rights.md from the rights of the roles; with `--check` it only says
 * whether they are up to date.
 */
import { existsSync, readFileSync, writeFileSync } from 'node:fs';
import { join, resolve } from 'node:path';
import { answerHelp } from './answer-help.ts';
import './from-sources.js';

answerHelp(
  'npm run generate:events [-- --check]: writes docs/events.md and docs/log-rights.md from the sources; --check only compares.',
  ['--check'],
);

const docs = resolve(import.meta.dirname, '../docs');
const { demands, eventJsonSchema, eventNames, events, eventTypePrefix } =
  await import('../libs/contracts/src/index.ts');
const { roles } = await import('../libs/persistence/src/index.ts');

const code = (text) => `\`${text}\``;
const processOf = (role) => role.replace(/^sallyport_/, '').replaceAll('_', ' ');

function table(head, rows) {
  // In a cell of Markdown a bar would end the cell.
  const line = (cells) => `| ${cells.map((cell) => String(cell).replaceAll('|', '\\|')).join(' | ')} |\n`;
  return line(head) + line(head.map(() => '---')) + rows.map(line).join('');
}

const sources = { pciDss: 'PCI DSS', nis2: 'NIS2', iso27001: 'ISO 27001', asvs: 'ASVS' };

const eventsIntro = `# Events

<!-- Generated from libs/contracts/src/events: change those, then run "npm run generate:events". -->

An event is a fact that happened, written in the transaction that made it true and [sealed](audit-format.md) into the log of its tenant. \`GET /v1/audit/events\`
serves them as [CloudEvents 1.0](https://cloudevents.io). The \`type\` is \`${eventTypePrefix}\` and the name; \`dataschema\` is the address of a JSON Schema of its
\`data\` (\`GET /v1/event-schemas/{type}\`, without an API key). Later releases may add fields and types: ignore what you do not know.

What is *personal* is sealed under a key of the user and served in \`data.personal\` to API keys with the scope \`audit:personal\`. It cannot be read any more once
the user is erased; the log stays whole. Numbers and addresses are masked there too. No event holds a code, a seed, a key or a whole number or address.

Every event may have \`accountId\` and \`userId\` (whom it is about), \`requestId\` (the call), \`apiKeyId\` (whose call it was) and \`actor\` (whom the panel named in
the header \`Sallyport-Actor\`). With \`time\` and the outcome, which is in its name, that is what PCI DSS 10.2.2 wants of a record.

Refused calls that change nothing leave no event, except where a row below says so: they are in the log of the process, by their request id.
`;

const answersIntro = `## What they answer

Which events show what a standard asks to be logged. PCI DSS is 4.0.1; NIS2 is the annex of Implementing Regulation (EU) 2024/2690; ISO 27001 is ISO/IEC
27001:2022, annex A; ASVS is OWASP ASVS 5.0. This helps you to find evidence; it is no statement that you comply. What makes the log hard to change
is in [audit-format.md](audit-format.md), who may write and read it in [log-rights.md](log-rights.md): PCI DSS 10.3, ISO 27001 A.8.15 and ASVS 16.4.2 ask
for that.
`;

function answersTable() {
  const rows = Object.entries(demands).map(([demand, { about, ...numbers }]) => [
    about,
    ...Object.keys(sources).map((source) => numbers[source].join(', ')),
    eventNames
      .filter((name) => events[name].answers.includes(demand))
      .map(code)
      .join(' '),
  ]);
  return table(['asked', ...Object.values(sources), 'events'], rows);
}

/** @returns {string} what values a part of a JSON Schema allows */
function valuesOf(schema) {
  if (schema.anyOf) return schema.anyOf.map(valuesOf).join(' or ');
  if (schema.enum) return schema.enum.map(code).join(', ');
  if (schema.const !== undefined) return code(schema.const);
  if (schema.type === 'array') return `list of ${schema.items.enum ? valuesOf(schema.items) : 'texts'}`;
  const names = { string: 'text', number: 'number', boolean: 'true or false', null: 'null', object: 'object' };
  return [schema.type]
    .flat()
    .map((type) => names[type])
    .join(' or ');
}

const ofEveryEvent = ['accountId', 'userId', 'apiKeyId', 'actor', 'requestId', 'personal', 'personalUnreadable'];

function fieldRows(name) {
  const { properties, required = [] } = eventJsonSchema(name);
  const row = (field, schema, rest) => [code(field), valuesOf(schema), ...rest];
  const open = Object.entries(properties).filter(
    ([field]) => !ofEveryEvent.includes(field) || field in events[name].data.shape,
  );
  const personal = Object.entries(properties.personal?.properties ?? {});
  return [
    ...open.map(([field, schema]) => row(field, schema, [required.includes(field) ? '' : 'not always', ''])),
    ...personal.map(([field, schema]) => row(field, schema, ['not always', 'personal'])),
  ];
}

function section(name) {
  const { meaning, when, answers } = events[name];
  const writers = Object.entries(roles)
    .filter(([, { events: any, eventsOfUsers }]) => [...any, ...eventsOfUsers].includes(name))
    .map(([role]) => processOf(role));
  const numbers = Object.entries(sources).flatMap(([source, title]) => {
    const all = [...new Set(answers.flatMap((demand) => demands[demand][source]))];
    return all.length === 0 ? [] : [`${title} ${all.join(', ')}`];
  });
  const rows = fieldRows(name);
  return [
    `### ${code(name)}\n`,
    `${meaning}\n`,
    `- When: ${when} By: ${writers.join(', ') || "an operator's command"}.`,
    `- Answers: ${numbers.join('; ')}.\n`,
    ...(rows.length === 0 ? [] : [table(['field', 'values', '', ''], rows)]),
  ].join('\n');
}

function eventsPage() {
  return [eventsIntro, answersIntro, answersTable(), '## All events\n', ...eventNames.map(section)].join('\n');
}

const logTables = {
  event: 'the events, as they were written',
  audit_entry: 'which event is which leaf of the tree, and its hash',
  audit_log: 'size and edge of each tree',
  audit_node: 'hashes of complete subtrees, which can be computed anew',
  audit_checkpoint: 'what was signed',
  audit_cosignature: 'what witnesses signed',
  audit_pruned: 'how far each log is pruned',
  audit_key: 'public keys of the logs',
  audit_cursor: 'how far the sealer has read',
  unsealable_event: 'events that could not be sealed, and why',
};

const rightsIntro = `# Who may write and read the log

<!-- Generated from libs/persistence/src/roles.ts: change that, then run "npm run generate:events". -->

Each process has a database role of its own, to which \`npm run migrate\` grants what is listed here and takes what is not. A test compares this with what
PostgreSQL says afterwards (\`test/integration/audit/log-rights.spec.ts\`). \`yes\` is all columns; roles that are not named have no right at all.
`;

const rightsEnd = `## What nobody may

**No role may update, delete or truncate** \`event\`, \`audit_entry\`, \`audit_checkpoint\`, \`audit_cosignature\`, \`audit_key\` or \`unsealable_event\`. Nor may any role write \`audit_pruned\`, or choose the time or the
transaction of an event: the columns \`time\` and \`tx\` are PostgreSQL's own, so nobody writes into the past. A row policy lets each role write the events below
and no others.

**Events go one way only**: \`sallyport_relay\` may call the function \`prune_log\`, which runs with the rights of the tables' owner and looks at everything itself. It takes events that are older than the policy
of their tenant keeps them (30 days at least), from the beginning of the log on, and not beyond its newest witnessed checkpoint. Which checkpoint is witnessed, the audit worker writes and the
relay cannot; what the policy says, the gateway writes and neither of them can. See [ADR 46](adr/0046-pruned-below-what-a-witness-saw.md).

The owner of the tables, a superuser, and whoever has the files of the cluster are not bound by this. Triggers keep them from changing events by mistake, not
on purpose. That is what the sealed tree is for, and only as far as its checkpoints have left the machine: see
[the unsealed window](audit-format.md#the-unsealed-window).
`;

const rightOf = (rights, right) => {
  const columns = rights[right];
  if (columns === undefined) return '';
  return columns === true || columns === '*' ? 'yes' : columns.split(', ').map(code).join(' ');
};

function rightsPage() {
  const rows = Object.entries(logTables).flatMap(([name, about]) =>
    Object.entries(roles)
      .filter(([, { tables }]) => tables[name] !== undefined)
      .map(([role, { tables }]) => [
        code(name),
        about,
        code(role),
        ...['select', 'insert', 'update', 'delete'].map((right) => rightOf(tables[name], right) || 'no'),
      ]),
  );
  const writers = Object.entries(roles).map(([role, { events: any, eventsOfUsers }]) => [
    code(role),
    any.map(code).join(' ') || 'none',
    eventsOfUsers.map(code).join(' ') || 'none',
  ]);
  return [
    rightsIntro,
    table(['table', 'what is in it', 'role', 'read', 'insert', 'update', 'delete'], rows),
    rightsEnd,
    '## Which events a role may write\n',
    table(['role', 'events', 'events about a user that exists, as its row says'], writers),
  ].join('\n');
}

const pages = { 'events.md': eventsPage(), 'log-rights.md': rightsPage() };
const wrong = Object.entries(pages).filter(([name, text]) => {
  const path = join(docs, name);
  return !existsSync(path) || readFileSync(path, 'utf8') !== text;
});
if (!process.argv.includes('--check')) {
  for (const [name, text] of wrong) writeFileSync(join(docs, name), text);
  process.stderr.write('Wrote docs/events.md and docs/log-rights.md.\n');
} else if (wrong.length === 0) {
  process.stderr.write('docs/events.md and docs/log-rights.md are what the sources say.\n');
} else {
  process.stderr.write(
    `sallyport: ${wrong.map(([name]) => `docs/${name}`).join(' and ')} out of date. Run "npm run generate:events".\n`,
  );
  process.exitCode = 1;
}
