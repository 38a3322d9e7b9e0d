import { Migration } from '@mikro-orm/migrations';

/**
 * What can't be done is set aside, so that the rest goes on; and jobs that would stop the relay are refused. Rows of
 * before that have such a shape stay as they are. (Events are looked at by the policies of the roles: see grant-rights.ts.)
 */
export class SetAside extends Migration {
  override up(): void {
    this.addSql(
      `create table "unsealable_event" ("event_id" text not null, "tenant_id" text not null, "reason" text not null, "set_aside_at" timestamptz not null default now(), primary key ("event_id"))`,
    );
    this.addSql(`alter table "outbox" add column "set_aside_at" timestamptz null, add column "failure" text null`);
    // BullMQ refuses ids of digits alone and ids with a colon, and with one of a batch it refuses all.
    this.addSql(
      `alter table "outbox" add constraint "outbox_is_sound" check (jsonb_typeof(payload) = 'object' and octet_length(payload::text) <= 4096 and id ~ '^[a-z]+_[0-9a-z_]{1,80}$') not valid`,
    );
    this.addSql(
      `do $$ begin alter table "outbox" validate constraint "outbox_is_sound"; exception when check_violation then null; end $$`,
    );
    this.addSql(`drop index "outbox_published"`);
    this.addSql(
      `create index "outbox_published" on "outbox" ("published_at") where published_at is not null and set_aside_at is null`,
    );
    this.addSql(`create index "outbox_set_aside" on "outbox" ("set_aside_at") where set_aside_at is not null`);
  }
}
