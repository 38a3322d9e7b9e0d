import { Migration } from '@mikro-orm/migrations';

/**
 * Users who switched off and then removed their last device counted as enrolled: nobody asked them to enrol, a new device
 * brought neither two-factor authentication nor recovery codes, and the old codes lived on. They have never enrolled.
 */
export class Orders extends Migration {
  override up(): void {
    this.addSql(
      `update "app_user" u set "enrolled_at" = null where u."two_factor_since" is null and u."enrolled_at" is not null and not exists (select from "device" d where d."user_id" = u."id" and d."verified_at" is not null)`,
    );
    // Shown by an enrolment that is not there any more, or in force for nobody.
    this.addSql(
      `delete from "recovery_pool" p using "app_user" u where u."id" = p."user_id" and u."enrolled_at" is null and not exists (select from "device" d where d."id" = p."enrolment_device_id" and d."status" = 'unverified')`,
    );
    this.addSql(
      `delete from "recovery_code" r using "app_user" u where u."id" = r."user_id" and u."enrolled_at" is null and not exists (select from "recovery_pool" p where p."user_id" = r."user_id")`,
    );
  }
}
