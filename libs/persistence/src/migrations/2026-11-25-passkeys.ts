import { Migration } from '@mikro-orm/migrations';

/** Credentials of passkeys, beside their devices. */
export class Passkeys extends Migration {
  override up(): void {
    this.addSql(
      `create table "webauthn_credential" ("device_id" text not null, "tenant_id" text not null, "credential_id" text not null, "public_key" bytea not null, "sign_count" bigint not null, "transports" text[] not null, "backup_eligible" boolean not null, "backed_up" boolean not null, "aaguid" text not null, primary key ("device_id"))`,
    );
    this.addSql(
      `alter table "webauthn_credential" add constraint "webauthn_credential_tenant_id_credential_id_unique" unique ("tenant_id", "credential_id")`,
    );
    this.addSql(
      `alter table "webauthn_credential" add constraint "webauthn_credential_device_id_foreign" foreign key ("device_id") references "device" ("id") on update cascade on delete cascade`,
    );
  }
}
