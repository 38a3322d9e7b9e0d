/**
 * The direction of the house: contracts ← auth-core, audit-log, words ← persistence, messaging, runtime ← process, audit-events ← delivery ← apps.
 * `client` stands beside them, for panels.
 * `#contracts` and its like are resolved to sources by the `source` condition, as in tsc and Jest.
 */
const rule = (name, comment, from, to) => ({ name, comment, severity: 'error', from, to });
const lib = (...names) => `^libs/(${names.join('|')})/`;
const gateway = (...folders) => `^apps/gateway/src/(${folders.join('|')})/`;
const everyLib = '^libs/';

/** @type {import('dependency-cruiser').IConfiguration} */
export default {
  forbidden: [
    rule('no-circular', 'A circle has no first step.', {}, { circular: true }),
    rule(
      'gateway-ground',
      'What a call is (http), what it can be refused with (refusals), what stands in the tables (rows) know no rule and no feature.',
      { path: gateway('http', 'refusals', 'rows') },
      { path: '^apps/gateway/src/[^/]+/', pathNot: gateway('http', 'refusals', 'rows') },
    ),
    rule(
      'gateway-tools',
      'Rules that features share know none of them.',
      { path: gateway('policy', 'places', 'codes', 'proofs', 'verification'), pathNot: '\\.(controller|spec)\\.ts$' },
      {
        path: '^apps/gateway/src/[^/]+/',
        pathNot: gateway('http', 'refusals', 'rows', 'policy', 'places', 'codes', 'proofs', 'verification'),
      },
    ),
    rule(
      'gateway-roof',
      'Users stand on all other features.',
      { path: '^apps/gateway/src/[^/]+/', pathNot: gateway('users') },
      { path: gateway('users') },
    ),
    // A peer of the bench has packages of its own, which only the bench installs.
    rule('resolvable', 'Every import leads somewhere.', { pathNot: '^bench/peers/' }, { couldNotResolve: true }),
    rule(
      'contracts-stand-alone',
      'Contracts import nothing of ours.',
      { path: lib('contracts') },
      { path: ['^apps/', everyLib], pathNot: lib('contracts') },
    ),
    rule(
      'audit-log-stands-alone',
      'An auditor reads and trusts this lib and nothing else.',
      { path: lib('audit-log'), pathNot: ['\\.spec\\.ts$', '^libs/audit-log/src/command/'] },
      { pathNot: ['^libs/audit-log/src/[^/]+\\.ts$', '^(node:)?crypto$'] },
    ),
    rule(
      'audit-command-stands-alone',
      'The offline verifier is a package of its own: Node.js runs it, without anything else of ours or of others.',
      { path: '^libs/audit-log/src/command/', pathNot: '\\.spec\\.ts$' },
      { pathNot: ['^libs/audit-log/src/(index\\.ts$|command/)', '^(node:)?(fs|util)$'] },
    ),
    rule(
      'client-stands-alone',
      'It is a package of its own: panels install it without anything else of ours.',
      { path: lib('client'), pathNot: '\\.spec\\.ts$' },
      { pathNot: [lib('client'), '^(node:)?timers/promises$', 'node_modules/(jose|openapi-fetch|standardwebhooks)/'] },
    ),
    rule(
      'auth-core-is-pure',
      'It decides; it knows no Nest, ORM or queue.',
      { path: lib('auth-core'), pathNot: '\\.spec\\.ts$' },
      {
        path: ['^apps/', everyLib, 'node_modules/(@nestjs|@mikro-orm|bullmq|pg|pino)/'],
        pathNot: lib('contracts', 'auth-core'),
      },
    ),
    rule(
      'words-are-words',
      'Texts and which language serves whom; nothing that acts.',
      { path: lib('words'), pathNot: '\\.spec\\.ts$' },
      { path: ['^apps/', everyLib, '^node:', 'node_modules/'], pathNot: lib('contracts', 'words') },
    ),
    rule(
      'middle-libs-look-down',
      'Persistence, messaging and runtime stand side by side; runtime serves the other two.',
      { path: lib('persistence', 'messaging', 'runtime') },
      {
        path: ['^apps/', everyLib],
        pathNot: [lib('contracts', 'auth-core', 'audit-log', 'runtime'), '^libs/$1/'],
      },
    ),
    rule(
      'orm-is-loaded-late',
      'MikroORM takes 20 MB and a quarter of a second: `Database.orm` imports it at its first use, and most processes never do.',
      {
        path: ['^apps/', everyLib],
        pathNot: [
          '^libs/persistence/src/(orm|tables)\\.ts$',
          '^libs/persistence/src/(entities|migrations)/',
          '\\.spec\\.ts$',
        ],
      },
      {
        path: [
          '^libs/persistence/src/(orm|tables)\\.ts$',
          '^libs/persistence/src/(entities|migrations/(?!names))',
          'node_modules/(@mikro-orm|kysely)/',
        ],
        dynamic: false,
        dependencyTypesNot: ['type-only'],
      },
    ),
    rule(
      'traces-are-loaded-late',
      'OpenTelemetry is loaded where an operator wants traces: `openTraces` imports it, and nobody else does.',
      { path: ['^apps/', everyLib], pathNot: '^libs/runtime/src/traces/telemetry\\.ts$' },
      { path: ['node_modules/@opentelemetry/', '^libs/runtime/src/traces/telemetry\\.ts$'], dynamic: false },
    ),
    rule('libs-know-no-app', 'Libs are below apps.', { path: everyLib }, { path: '^apps/' }),
    rule(
      'apps-are-strangers',
      'Each app is a process of its own; only standalone holds them all.',
      { path: '^apps/([^/]+)/', pathNot: '^apps/standalone/' },
      { path: '^apps/', pathNot: '^apps/$1/' },
    ),
    rule(
      'witness-stands-alone',
      'It runs at somebody else, who has no database and no queue of ours: it reads logs, and serves.',
      { path: '^apps/witness/', pathNot: '\\.spec\\.ts$' },
      {
        pathNot: [
          '^apps/witness/',
          lib('audit-log', 'runtime'),
          '^(node:)?(crypto|path|sqlite|util/types)$',
          'node_modules/(hono|prom-client)/',
        ],
      },
    ),
    rule(
      'apps-by-their-door',
      'Standalone starts apps by their module or their app.ts, makes the keys that their description.ts names, and imports seeds in bulk and does what operators ask for by the use cases of the gateway.',
      { path: '^apps/standalone/' },
      {
        path: '^apps/(?!standalone/)',
        pathNot:
          '^apps/[^/]+/src/(app|[a-z-]+\\.module|description|bulk-import|operator|[a-z]+-(channel|routes))\\.tsx?$',
      },
    ),
    rule(
      'panel-is-a-customer',
      'The reference panel knows of Sallyport what any panel knows: the client.',
      { path: '^apps/panel/', pathNot: ['^apps/panel/src/(main|description)\\.ts$', '\\.spec\\.tsx?$'] },
      { path: ['^apps/(?!panel/)', everyLib], pathNot: lib('client') },
    ),
    rule(
      'libs-by-their-door',
      'Each lib has one door: src/index.ts, imported as #name. Migrations stay behind it, since they load MikroORM.',
      { path: '^(libs/[^/]+|apps|test|bench)/', pathNot: '^test/support/next-release\\.ts$' },
      { path: '^libs/[^/]+/src/', pathNot: ['^libs/[^/]+/src/index\\.ts$', '^$1/'] },
    ),
    rule(
      'queue-by-messaging',
      'Only messaging knows which queue there is.',
      { pathNot: [lib('messaging'), '^test/support/(redis-.*|queue-backends)\\.ts$'] },
      { path: 'node_modules/(bullmq|ioredis)/' },
    ),
    rule(
      'processors-by-their-name',
      'Whatever takes jobs says so in its name.',
      { pathNot: [lib('messaging'), '\\.processor\\.ts$', '^test/support/queues\\.ts$'] },
      { path: 'node_modules/@nestjs/bullmq/' },
    ),
    rule(
      'no-tests-in-sources',
      'Sources need no tests to run.',
      { path: '^(libs|apps)/', pathNot: '\\.spec\\.ts$' },
      { path: '(^test/|\\.spec\\.ts$)' },
    ),
  ],
  options: {
    doNotFollow: { path: ['node_modules', '^dist/'] },
    tsPreCompilationDeps: true,
    tsConfig: { fileName: 'tsconfig.json' },
    enhancedResolveOptions: {
      conditionNames: ['source', 'import', 'node', 'default', 'types'],
      exportsFields: ['exports'],
      extensions: ['.ts', '.tsx', '.js', '.mjs', '.json'],
    },
  },
};
