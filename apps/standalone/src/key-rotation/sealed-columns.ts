import { deliveryRow } from '#contracts';
import { deviceSeal, type SealPurpose } from '#persistence';

/** The kinds of keys that values in the database are sealed under. */
export type SealingKind = 'sealing' | 'webhook';

/** What a sealed value is bound to depends on these columns of its row. */
export interface SealedRow {
  /** As text; of `idempotent_answer` in hexadecimal. */
  readonly id: string;
  readonly tenantId: string | null;
  readonly deviceId: string | null;
}

/** A column of sealed values, under which kind of key, and what each is bound to. */
export interface SealedColumn {
  readonly table: string;
  readonly column: string;
  readonly kind: SealingKind;
  readonly purpose: SealPurpose;
  bound(row: SealedRow): string;
}

const toItself = ({ id }: SealedRow) => id;
const toDevice = ({ tenantId, id }: SealedRow) => deviceSeal(tenantId ?? '', id);
const toDelivery = ({ tenantId, deviceId, id }: SealedRow) => deliveryRow(tenantId ?? '', deviceId, id);

/**
 * Every sealed column but one: `event.personal_sealed` is sealed under the key of its user, which is itself sealed here, and
 * its sealed form stands in the log for good.
 */
export const sealedColumns: readonly SealedColumn[] = [
  { table: 'app_user', column: 'profile_sealed', kind: 'sealing', purpose: 'profile', bound: toItself },
  { table: 'app_user', column: 'event_key_sealed', kind: 'sealing', purpose: 'event-key', bound: toItself },
  { table: 'device', column: 'secret_sealed', kind: 'sealing', purpose: 'seed', bound: toDevice },
  { table: 'device', column: 'address_sealed', kind: 'sealing', purpose: 'address', bound: toDevice },
  { table: 'device', column: 'pending_sealed', kind: 'sealing', purpose: 'address', bound: toDevice },
  { table: 'challenge', column: 'detail_sealed', kind: 'sealing', purpose: 'detail', bound: toItself },
  { table: 'challenge', column: 'user_agent_sealed', kind: 'sealing', purpose: 'user-agent', bound: toItself },
  { table: 'trusted_browser', column: 'user_agent_sealed', kind: 'sealing', purpose: 'user-agent', bound: toItself },
  { table: 'idempotent_answer', column: 'answer_sealed', kind: 'sealing', purpose: 'answer', bound: toItself },
  { table: 'delivery', column: 'payload_sealed', kind: 'sealing', purpose: 'delivery', bound: toDelivery },
  { table: 'webhook', column: 'contact_sealed', kind: 'sealing', purpose: 'webhook-contact', bound: toItself },
  { table: 'webhook', column: 'secret_sealed', kind: 'webhook', purpose: 'webhook-secret', bound: toItself },
  { table: 'webhook', column: 'previous_secret_sealed', kind: 'webhook', purpose: 'webhook-secret', bound: toItself },
];

export const columnsOf = (kind: SealingKind): readonly SealedColumn[] =>
  sealedColumns.filter((column) => column.kind === kind);
