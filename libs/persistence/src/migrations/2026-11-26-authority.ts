import { Migration } from '@mikro-orm/migrations';

/** What an enrolment and a new number stand on, and since when a device vouches. */
export class Authority extends Migration {
  override up(): void {
    this.addSql(
      `alter table "device" add column "approval_id" text null, add column "address_changed_at" timestamptz null, add column "pending_approval_id" text null`,
    );
  }
}
