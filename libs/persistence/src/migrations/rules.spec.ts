import { describe, expect, test } from '@jest/globals';
import { migrations } from './index.js';

/** Forms that stop a running system, or a release that runs beside this one; what to do instead: docs/upgrading.md. */
const forbidden: readonly (readonly [form: RegExp, why: string])[] = [
  [/^create (unique )?index (?!concurrently)/, 'locks writers out of the table: build the index concurrently'],
  [/^drop index (?!concurrently)/, 'waits for everybody on the table: drop the index concurrently'],
  [/^reindex (?!.*concurrently)/, 'locks writers out of the table'],
  [/^(update|delete|insert into .* select|merge)\b/, 'grows with the table: fill it in batches, from a process'],
  [/^(truncate|lock|cluster|vacuum full)\b/, 'locks everybody out of the table'],
  [/^drop table|\bdrop column\b/, 'the release before still names it: drop it a release later'],
  [/\brename\b/, 'the release before still names it'],
  [/\balter column \S+ (set data )?type\b/, 'writes the whole table anew under a lock'],
  [/\bset not null\b/, 'reads the whole table under a lock, and the release before may write null'],
  [/\badd column (?:(?!,\s*add column).)*\bnot null\b(?!(?:(?!,\s*add column).)*\bdefault\b)(?<!\bdefault\b.*\bnot null)/, 'the release before does not fill it: give it a constant default, or let it be null'],
  [/\badd column .*\bdefault \(?(clock_timestamp|random|gen_random_uuid|nextval|pg_current_xact_id)/, 'writes the whole table anew under a lock'],
  [/\badd (constraint \S+ )?(check|foreign key)\b(?!.*\bnot valid\b)/, 'reads the whole table under a lock: add it "not valid", and validate it by itself'],
  [/\badd (constraint \S+ )?(unique|primary key|exclude)\b(?!.*\busing index\b)/, 'builds an index under a lock: build it concurrently, and add the constraint "using index"'],
  [/^do\b|\bexecute\b(?! function)/, 'cannot be looked into'],
];

/** What is wrong with the statements of one migration. A table that it makes is its own: nobody works with it yet. */
function faultsOf(statements: readonly string[]): string[] {
  const plain = statements.map((text) => text.toLowerCase().replaceAll('"', '').replace(/\s+/g, ' ').trim());
  const own = plain.flatMap((text) => /^create table (?:if not exists )?(\S+)/.exec(text)?.[1] ?? []);
  const isOwn = (text: string) =>
    own.some((table) => new RegExp(`^(alter table|create (unique )?index \\S+ on|insert into) ${table}\\b`).test(text));
  return plain
    .filter((text) => !isOwn(text))
    .flatMap((text) => forbidden.filter(([form]) => form.test(text)).map(([, why]) => `${text.slice(0, 80)}: ${why}`));
}

const all = migrations.map(({ name, class: Kind }) => {
  const migration = new Kind(undefined as never, undefined as never);
  void migration.up();
  return { name, migration, statements: migration.getQueries().map(String) };
});

describe('a migration', () => {
  test.each(all)('$name stops no running system and no release beside it', ({ statements }) => {
    expect(statements.length).toBeGreaterThan(0);
    expect(faultsOf(statements)).toEqual([]);
  });

  test.each(all)('$name waits shortly for a table, or does nothing but indexes', ({ migration, statements }) => {
    if (migration.isTransactional()) expect(statements[0]).toMatch(/^set local lock_timeout = /);
    else for (const text of statements) expect(text).toMatch(/^(create|drop) index concurrently /);
  });
});

describe('the rules', () => {
  test.each([
    'create index "i" on "event" ("time")',
    'CREATE UNIQUE INDEX i ON event (time)',
    'drop index "i"',
    'update "app_user" set "kind" = null',
    'delete from "code"',
    'alter table "device" drop column "name"',
    'drop table "sms_quota"',
    'alter table "device" rename column "name" to "label"',
    'alter table "device" alter column "name" type varchar(20)',
    'alter table "device" alter column "name" set not null',
    'alter table "device" add column "x" int not null',
    'alter table "device" add column "y" int null, add column "x" int not null',
    `alter table "device" add column "x" timestamptz not null default clock_timestamp()`,
    'alter table "device" add constraint "c" check (wrong_codes >= 0)',
    'alter table "device" add constraint "c" foreign key ("user_id") references "app_user" ("id")',
    'alter table "device" add constraint "c" unique ("name")',
    'lock table device',
    `do $$ begin update device set name = ''; end $$`,
    `create function f() returns void language plpgsql as $$ begin execute 'lock table device'; end $$`,
  ])('refuse %s', (text) => {
    expect(faultsOf([text])).not.toEqual([]);
  });

  test.each([
    [['create index concurrently "i" on "event" ("time")']],
    [['alter table "device" add column "x" int null, add column "y" boolean not null default false']],
    [['alter table "device" add column "y" boolean default false not null']],
    [['alter table "device" add constraint "c" check (wrong_codes >= 0) not valid']],
    [['alter table "device" validate constraint "c"']],
    [['alter table "device" add constraint "c" unique using index "i"']],
    [['create table "t" ("id" text not null)', 'create index "i" on "t" ("id")', `insert into "t" select 'x'`]],
  ])('let pass %j', (statements) => {
    expect(faultsOf(statements)).toEqual([]);
  });
});
