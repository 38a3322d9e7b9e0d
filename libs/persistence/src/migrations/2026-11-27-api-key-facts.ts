import { Migration } from '@mikro-orm/migrations';

/** What an API key is for, when it ends by itself, and when it was last used. */
export class ApiKeyFacts extends Migration {
  override up(): void {
    this.addSql(
      `alter table "api_key" add column "description" text null, add column "expires_at" timestamptz null, add column "last_used_at" timestamptz null`,
    );
  }
}
