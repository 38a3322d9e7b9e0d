import { Migration } from '@mikro-orm/migrations';

/** Browsers that an approved login made trusted, and when all of a user's were last revoked. */
export class TrustedBrowsers extends Migration {
  override up(): void {
    this.addSql(
      `create table "trusted_browser" ("id" text not null, "tenant_id" text not null, "user_id" text not null, "device_id" text not null, "token_hash" bytea not null, "user_agent_sealed" bytea null, "created_at" timestamptz not null, "expires_at" timestamptz not null, primary key ("id"));`,
    );
    this.addSql(
      `alter table "trusted_browser" add constraint "trusted_browser_token_hash_unique" unique ("token_hash");`,
    );
    this.addSql(`create index "trusted_browser_user_id_index" on "trusted_browser" ("user_id");`);
    this.addSql(`create index "trusted_browser_device_id_index" on "trusted_browser" ("device_id");`);
    this.addSql(`create index "trusted_browser_expires_at_index" on "trusted_browser" ("expires_at");`);
    this.addSql(
      `alter table "trusted_browser" add constraint "trusted_browser_user_id_foreign" foreign key ("user_id") references "app_user" ("id") on delete cascade;`,
    );
    this.addSql(
      `alter table "trusted_browser" add constraint "trusted_browser_device_id_foreign" foreign key ("device_id") references "device" ("id") on delete cascade;`,
    );
    this.addSql(`alter table "app_user" add column "trust_revoked_at" timestamptz null;`);
    this.addSql(`alter table "challenge" add column "user_agent_sealed" bytea null;`);
  }
}
