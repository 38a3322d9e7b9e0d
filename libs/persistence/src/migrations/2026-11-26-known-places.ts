import { Migration } from '@mikro-orm/migrations';

/** Where challenges come from, and counts of wrong codes apart for places that the user has logged in from. */
export class KnownPlaces extends Migration {
  override up(): void {
    this.addSql(`alter table "challenge" add column "place" bytea null, add column "known" boolean not null default false`);
    this.addSql(`drop index "challenge_pending_user"`);
    this.addSql(`create index "challenge_pending_user" on "challenge" ("user_id", "place") where status = 'pending'`);
    this.addSql(
      `create index "challenge_known_place" on "challenge" ("user_id", "place") where status = 'approved' and place is not null`,
    );
    this.addSql(
      `alter table "device" add column "known_wrong_codes" int not null default 0, add column "known_locked_until" timestamptz null`,
    );
    // Eighty random bits need no lock, and one would help whoever wants the owner out.
    this.addSql(`alter table "recovery_pool" drop column "locked_until"`);
  }
}
