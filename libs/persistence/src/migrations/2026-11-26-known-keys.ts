import { Migration } from '@mikro-orm/migrations';

/** Which keys a database was used with, and which queue its relay publishes to: what a process compares its settings with. */
export class KnownKeys extends Migration {
  override up(): void {
    this.addSql(
      `create table "known_key" ("kind" text not null, "id" text not null, "fingerprint" bytea not null, "known_since" timestamptz not null default now(), primary key ("kind", "id"))`,
    );
    this.addSql(
      `create table "known_queue" ("id" smallint not null, "store" text not null, "noted_at" timestamptz not null default now(), primary key ("id"))`,
    );
  }
}
