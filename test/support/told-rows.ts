import type { ChangedRow } from './changed-rows.js';

/** An event as its table has it. */
export interface EventContent {
  readonly id: string;
  readonly type: string;
  readonly account_id: string | null;
  readonly user_id: string | null;
  readonly user_ref: string | null;
  readonly data: Readonly<Record<string, unknown>>;
}

/**
 * Rows that are no facts of their own: what is counted, kept for a moment or waits for a worker. They may change with any event, and not
 * without one.
 */
const machinery = [
  'address_guess',
  'code',
  'delivery',
  'delivery_attempt',
  'imported_seed',
  'outbox',
  'receipt_source',
  'recovery_code',
  'send_pace',
  'send_window',
  'sms_spend',
  'used_proof',
  'webauthn_credential',
  'webhook_delivery',
];

/** Events of these names tell of a row of that table whose id they do not name. */
const toldByName: Readonly<Record<string, readonly string[]>> = {
  account: ['account.', 'policy.'],
  app_user: ['user.', 'two_factor.', 'device.verified', 'device.imported', 'device.removed', 'trusted_browser.revoked'],
  recovery_pool: [
    'recovery_code',
    'device.enrolment_started',
    'device.removed',
    'two_factor.',
    'challenge.',
    'user.erased',
  ],
  tenant: ['policy.'],
};

/**
 * @returns a line for each row that changed without an event: one that names the row's id, or says that the user of the row was
 *   erased, or is of a kind that can have meant no other row
 */
export function untoldRows(rows: readonly ChangedRow[], events: readonly EventContent[]): string[] {
  const erased = events.filter(({ type }) => type === 'user.erased').map(({ user_ref: userRef }) => userRef);
  const isTold = (row: ChangedRow) => {
    const { user_id: owner } = (row.before ?? row.after) as { readonly user_id?: string };
    if (machinery.includes(row.table)) return events.length > 0;
    if (owner !== undefined && row.after === undefined && erased.includes(owner)) return true;
    const prefixes = row.table === 'device' && isOnly(row, 'is_default') ? ['device.'] : toldByName[row.table];
    return events.some((event) =>
      prefixes === undefined
        ? JSON.stringify(event.data).includes(`"${row.key}"`)
        : prefixes.some((prefix) => event.type.startsWith(prefix)),
    );
  };
  return rows.filter((row) => !isTold(row)).map(describeRow);
}

/** A device is the default one in place of another: an event names the one of them that somebody asked for. */
function isOnly({ before, after }: ChangedRow, column: string): boolean {
  return before !== undefined && after !== undefined && changedColumns(before, after).join() === column;
}

function changedColumns(before: object, after: object): string[] {
  const [old, now] = [new Map(Object.entries(before)), new Map(Object.entries(after))];
  return [...now.keys()].filter((column) => JSON.stringify(now.get(column)) !== JSON.stringify(old.get(column)));
}

function describeRow({ table, key, before, after }: ChangedRow): string {
  if (!before) return `${table} ${key} was inserted`;
  if (!after) return `${table} ${key} was deleted`;
  return `${table} ${key} was changed: ${changedColumns(before, after).join(', ')}`;
}
