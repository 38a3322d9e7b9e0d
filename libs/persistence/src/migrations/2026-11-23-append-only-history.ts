import { Migration } from '@mikro-orm/migrations';

/**
 * Nobody changes history by mistake, the owner of the tables included. Who means to can still switch the trigger off:
 * against that stands the hash chain.
 */
export class AppendOnlyHistory extends Migration {
  override up(): void {
    this.addSql(`create function refuse_change_of_history() returns trigger language plpgsql as $$
      begin
        raise exception 'The table "%" is append-only: % is refused.', tg_table_name, tg_op
          using hint = 'What has happened stays as it was written.';
      end $$`);
    for (const table of ['event', 'audit_entry', 'audit_checkpoint']) {
      this.addSql(
        `create trigger append_only before update or delete or truncate on "${table}" for each statement execute function refuse_change_of_history()`,
      );
    }
  }
}
