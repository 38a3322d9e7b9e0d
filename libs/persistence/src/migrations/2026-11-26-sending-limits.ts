import { Migration } from '@mikro-orm/migrations';

/** Quotas by day and limits by hour in one table, the pace of each device, what SMS cost, and guesses by address. */
export class SendingLimits extends Migration {
  override up(): void {
    this.addSql(`drop table "sms_quota"`);
    this.addSql(
      `create table "send_window" ("key" bytea not null, "starts_at" timestamptz not null, "sent" int not null default 0, "approved" int not null default 0, "tenant_id" text null, "rule" text null, "label" text null, "blocked_at" timestamptz null, "refused" int not null default 0, "lifted_at" timestamptz null, primary key ("key", "starts_at"))`,
    );
    this.addSql(`create index "send_window_starts_at_index" on "send_window" ("starts_at")`);
    this.addSql(
      `create index "send_window_blocked" on "send_window" ("tenant_id", "blocked_at") where blocked_at is not null`,
    );
    this.addSql(
      `create table "send_pace" ("key" bytea not null, "ready_at" timestamptz not null, "hour_starts_at" timestamptz not null, "hour_sent" int not null, primary key ("key"))`,
    );
    this.addSql(`create index "send_pace_ready_at_index" on "send_pace" ("ready_at")`);
    this.addSql(
      `create table "sms_spend" ("tenant_id" text not null, "day" date not null, "part" smallint not null, "messages" int not null, "cost" numeric(14,5) not null, primary key ("tenant_id", "day", "part"))`,
    );
    this.addSql(`create index "sms_spend_day_index" on "sms_spend" ("day")`);
    this.addSql(
      `create table "address_guess" ("key" bytea not null, "wrong_codes" int not null, "locked_until" timestamptz null, "last_at" timestamptz not null default clock_timestamp(), primary key ("key"))`,
    );
    this.addSql(`create index "address_guess_last_at_index" on "address_guess" ("last_at")`);
    this.addSql(`alter table "device" add column "reused" boolean not null default false`);
  }
}
