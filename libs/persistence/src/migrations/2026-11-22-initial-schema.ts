import { Migration } from '@mikro-orm/migrations';

/** The first schema. A test compares it with the entities. */
export class InitialSchema extends Migration {
  override up(): void {
    this.addSql(`create table "audit_chain" ("tenant_id" text not null, "sequence" bigint not null, "hash" bytea not null, primary key ("tenant_id"))`);
    this.addSql(`create table "audit_checkpoint" ("tenant_id" text not null, "sequence" bigint not null, "hash" bytea not null, "signed_at" timestamptz not null, "key_id" text not null, "signature" bytea not null, primary key ("tenant_id", "sequence"))`);
    this.addSql(`create table "audit_cursor" ("id" smallint primary key, "tx" xid8 not null, "cluster" text null)`);
    this.addSql(`create table "audit_entry" ("tenant_id" text not null, "sequence" bigint not null, "event_id" text not null, "hash" bytea not null, "sealed_at" timestamptz not null default now(), primary key ("tenant_id", "sequence"))`);
    this.addSql(`alter table "audit_entry" add constraint "audit_entry_event_id_unique" unique ("event_id")`);
    this.addSql(`create table "event" ("id" text not null, "tx" xid8 not null default pg_current_xact_id(), "tenant_id" text not null, "type" text not null, "time" timestamptz not null default clock_timestamp(), "account_id" text null, "user_id" text null, "user_ref" text null, "request_id" text null, "data" jsonb not null, "personal_sealed" bytea null, primary key ("id"))`);
    this.addSql(`create index "event_tx_id_index" on "event" ("tx", "id")`);
    this.addSql(`create table "idempotent_answer" ("key" bytea not null, "body_hash" bytea not null, "answer_sealed" bytea not null, "expires_at" timestamptz not null, primary key ("key"))`);
    this.addSql(`create index "idempotent_answer_expires_at_index" on "idempotent_answer" ("expires_at")`);
    this.addSql(`create table "outbox" ("id" text not null, "job" text not null, "payload" jsonb not null, "created_at" timestamptz not null default now(), "published_at" timestamptz null, "publications" int not null default 0, primary key ("id"))`);
    this.addSql(`create index "outbox_delivery" on "outbox" ((payload ->> 'deliveryId'))`);
    this.addSql(`create index "outbox_unpublished" on "outbox" ("created_at") where published_at is null`);
    this.addSql(`create index "outbox_published" on "outbox" ("published_at") where published_at is not null`);
    this.addSql(`create table "sms_quota" ("key" bytea not null, "day" date not null, "used" int not null, primary key ("key", "day"))`);
    this.addSql(`create index "sms_quota_day_index" on "sms_quota" ("day")`);
    this.addSql(`create table "tenant" ("id" text not null, "name" text not null, "policy" jsonb not null default '{}', "created_at" timestamptz not null default now(), primary key ("id"))`);
    this.addSql(`create table "api_key" ("id" text not null, "tenant_id" text not null, "name" text not null, "application" text null, "scopes" text[] not null, "hash" bytea not null, "created_at" timestamptz not null default now(), "revoked_at" timestamptz null, primary key ("id"))`);
    this.addSql(`alter table "api_key" add constraint "api_key_hash_unique" unique ("hash")`);
    this.addSql(`create index "api_key_tenant_id_index" on "api_key" ("tenant_id")`);
    this.addSql(`create table "account" ("id" text not null, "tenant_id" text not null, "external_id" text not null, "name" text null, "locale" text null, "policy" jsonb not null default '{}', "created_at" timestamptz not null default now(), "updated_at" timestamptz not null default now(), primary key ("id"))`);
    this.addSql(`alter table "account" add constraint "account_tenant_id_external_id_unique" unique ("tenant_id", "external_id")`);
    this.addSql(`create table "used_proof" ("id" text not null, "expires_at" timestamptz not null, primary key ("id"))`);
    this.addSql(`create index "used_proof_expires_at_index" on "used_proof" ("expires_at")`);
    this.addSql(`create table "app_user" ("id" text not null, "tenant_id" text not null, "account_id" text not null, "external_id" text not null, "kind" text not null, "locale" text null, "profile_sealed" bytea not null, "event_key_sealed" bytea not null, "two_factor_since" timestamptz null, "enrolled_at" timestamptz null, "created_at" timestamptz not null default now(), "updated_at" timestamptz not null default now(), primary key ("id"))`);
    this.addSql(`create index "app_user_tenant_id_index" on "app_user" ("tenant_id")`);
    this.addSql(`alter table "app_user" add constraint "app_user_account_id_external_id_unique" unique ("account_id", "external_id")`);
    this.addSql(`create table "recovery_pool" ("user_id" text not null, "set_id" text not null, "generated_at" timestamptz not null default now(), "acknowledged_at" timestamptz null, "enrolment_device_id" text null, "wrong_codes" int not null default 0, "locked_until" timestamptz null, primary key ("user_id"))`);
    this.addSql(`create table "recovery_code" ("user_id" text not null, "mac" bytea not null, "set_id" text not null, "used_at" timestamptz null, primary key ("user_id", "mac"))`);
    this.addSql(`create table "lockout" ("id" text not null, "tenant_id" text not null, "user_id" text not null, "subject" text not null, "device_id" text null, "wrong_codes" int not null, "started_at" timestamptz not null default clock_timestamp(), "locked_until" timestamptz not null, "ended_at" timestamptz null, "end_reason" text null, primary key ("id"))`);
    this.addSql(`create index "lockout_user_id_started_at_index" on "lockout" ("user_id", "started_at")`);
    this.addSql(`create index "lockout_open" on "lockout" ("locked_until") where ended_at is null`);
    this.addSql(`create table "device" ("id" text not null, "tenant_id" text not null, "user_id" text not null, "method" text not null, "name" text not null, "status" text not null, "is_default" boolean not null default false, "applications" text[] null, "replaces_device_id" text null, "secret_sealed" bytea null, "totp_algorithm" text null, "totp_digits" smallint null, "totp_period" smallint null, "last_used_step" bigint null, "address_sealed" bytea null, "address_mac" bytea null, "quota_key" bytea null, "wrong_codes" int not null default 0, "locked_until" timestamptz null, "last_used_at" timestamptz null, "created_at" timestamptz not null default now(), "verified_at" timestamptz null, "enrolment_expires_at" timestamptz not null, primary key ("id"))`);
    this.addSql(
      `create index "device_unverified" on "device" ("enrolment_expires_at") where status = 'unverified'`,
    );
    this.addSql(`create index "device_user_id_index" on "device" ("user_id")`);
    this.addSql(`create index "device_tenant_id_address_mac_index" on "device" ("tenant_id", "address_mac")`);
    this.addSql(`create table "code" ("subject_id" text not null, "device_id" text not null, "id" text not null, "sends" int not null default 1, "last_sent_at" timestamptz not null default now(), "expires_at" timestamptz not null, "consumed_at" timestamptz null, primary key ("subject_id", "device_id"))`);
    this.addSql(`create index "code_expires_at_index" on "code" ("expires_at")`);
    this.addSql(`create table "delivery" ("id" text not null, "tenant_id" text not null, "user_id" text not null, "device_id" text null, "challenge_id" text null, "channel" text not null, "kind" text not null, "status" text not null default 'queued', "payload_sealed" bytea null, "fence" int not null default 0, "lease_until" timestamptz null, "next_attempt_at" timestamptz not null default now(), "provider" text null, "provider_reference" text null, "error" text null, "request_id" text null, "created_at" timestamptz not null default now(), "expires_at" timestamptz not null, "sent_at" timestamptz null, "ended_at" timestamptz null, primary key ("id"))`);
    this.addSql(`create index "delivery_tenant_id_id_index" on "delivery" ("tenant_id", "id")`);
    this.addSql(`create index "delivery_challenge_id_index" on "delivery" ("challenge_id")`);
    this.addSql(`create index "delivery_user_id_index" on "delivery" ("user_id")`);
    this.addSql(`create index "delivery_open" on "delivery" ("expires_at") where status in ('queued', 'sending')`);
    this.addSql(`create table "delivery_attempt" ("delivery_id" text not null, "number" int not null, "provider" text not null, "started_at" timestamptz not null default clock_timestamp(), "ended_at" timestamptz null, "outcome" text null, "error" text null, "provider_reference" text null, "price" text null, primary key ("delivery_id", "number"))`);
    this.addSql(`create table "challenge" ("id" text not null, "tenant_id" text not null, "user_id" text not null, "purpose" text not null, "application" text null, "device_id" text null, "enroll" boolean not null default false, "status" text not null default 'pending', "checks" int not null default 0, "max_checks" int not null, "detail_sealed" bytea null, "approved_device_id" text null, "created_at" timestamptz not null default now(), "expires_at" timestamptz not null, "ended_at" timestamptz null, primary key ("id"))`);
    this.addSql(`create index "challenge_pending_user" on "challenge" ("user_id") where status = 'pending'`);
    this.addSql(`create index "challenge_pending_expiry" on "challenge" ("expires_at") where status = 'pending'`);
    this.addSql(`alter table "api_key" add constraint "api_key_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id") on delete cascade`);
    this.addSql(`alter table "account" add constraint "account_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id") on delete cascade`);
    this.addSql(`alter table "app_user" add constraint "app_user_tenant_id_foreign" foreign key ("tenant_id") references "tenant" ("id") on delete cascade`);
    this.addSql(`alter table "app_user" add constraint "app_user_account_id_foreign" foreign key ("account_id") references "account" ("id") on delete cascade`);
    this.addSql(`alter table "recovery_pool" add constraint "recovery_pool_user_id_foreign" foreign key ("user_id") references "app_user" ("id") on update cascade on delete cascade`);
    this.addSql(`alter table "recovery_code" add constraint "recovery_code_user_id_foreign" foreign key ("user_id") references "app_user" ("id") on delete cascade`);
    this.addSql(`alter table "lockout" add constraint "lockout_user_id_foreign" foreign key ("user_id") references "app_user" ("id") on delete cascade`);
    this.addSql(`alter table "device" add constraint "device_user_id_foreign" foreign key ("user_id") references "app_user" ("id") on delete cascade`);
    this.addSql(`alter table "delivery" add constraint "delivery_user_id_foreign" foreign key ("user_id") references "app_user" ("id") on delete cascade`);
    this.addSql(`alter table "delivery_attempt" add constraint "delivery_attempt_delivery_id_foreign" foreign key ("delivery_id") references "delivery" ("id") on delete cascade`);
    this.addSql(`alter table "challenge" add constraint "challenge_user_id_foreign" foreign key ("user_id") references "app_user" ("id") on delete cascade`);
    this.addSql(
      `create index "event_rejection" on "event" ("tenant_id", "account_id", "time") where type in ('challenge.rejected', 'challenge.replayed')`,
    );
    this.addSql(
      `create table "account_pattern_notice" ("user_id" text not null, "noticed_at" timestamptz not null, primary key ("user_id"))`,
    );
    this.addSql(
      `alter table "account_pattern_notice" add constraint "account_pattern_notice_user_id_foreign" foreign key ("user_id") references "app_user" ("id") on update cascade on delete cascade`,
    );
    this.addSql(`insert into audit_cursor (id, tx) values (1, '0')`);
  }
}
