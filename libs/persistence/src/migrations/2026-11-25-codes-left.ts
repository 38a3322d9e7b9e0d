import { Migration } from '@mikro-orm/migrations';

/** How many recovery codes are left, counted once for the sets that are there. */
export class CodesLeft extends Migration {
  override up(): void {
    this.addSql(`alter table "recovery_pool" add column "codes_left" int null`);
    this.addSql(
      `update "recovery_pool" p set "codes_left" = (select count(*) from "recovery_code" r where r."user_id" = p."user_id" and r."set_id" = p."set_id" and r."used_at" is null)`,
    );
    // No default: whoever makes a set has to say how many codes it has.
    this.addSql(`alter table "recovery_pool" alter column "codes_left" set not null`);
  }
}
