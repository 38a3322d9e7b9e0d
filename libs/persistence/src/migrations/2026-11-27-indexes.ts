import { ConcurrentIndexes } from './concurrent-indexes.js';

/** What lists and their filters need, so that no list looks at a whole table. */
export class Indexes extends ConcurrentIndexes {
  protected readonly indexes = {
    account_tenant_id_id_index: `"account" ("tenant_id", "id")`,
    app_user_tenant_id_external_id_index: `"app_user" ("tenant_id", "external_id")`,
    app_user_account_id_id_index: `"app_user" ("account_id", "id")`,
    challenge_user_id_index: `"challenge" ("user_id")`,
    delivery_tenant_id_status_id_index: `"delivery" ("tenant_id", "status", "id")`,
    delivery_device_id_index: `"delivery" ("device_id")`,
    event_tenant_id_account_id_time_index: `"event" ("tenant_id", "account_id", "time")`,
    event_tenant_id_user_id_account_id_time_index: `"event" ("tenant_id", "user_id", "account_id", "time")`,
    event_tenant_id_type_time_index: `"event" ("tenant_id", "type", "time")`,
  };

  override up(): void {
    super.up();
    // The first of the above begins with its column.
    this.addSql('drop index concurrently if exists "app_user_tenant_id_index"');
  }
}
