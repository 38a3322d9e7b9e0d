import { encodeEvent, hashLeaf, TreeState, type LogEntry, type SealedEvent } from '#audit-log';

export const tenantId = 'tnt_1';

export function eventNumber(n: number, tenant = tenantId): SealedEvent {
  return {
    id: `evt_${n}`,
    tenantId: tenant,
    tx: String(1000 + n),
    type: 'challenge.approved',
    time: `2026-11-22T10:00:00.${String(n).padStart(6, '0')}Z`,
    accountId: 'account-7',
    userId: 'user-9',
    userRef: 'usr_9',
    requestId: n % 2 ? `req_${n}` : null,
    data: { challengeId: `chl_${n}`, amr: ['otp', 'mfa'], n },
    personal: n % 3 ? Buffer.from(`sealed ${n}`).toString('base64') : null,
  };
}

export const entryOf = (event: SealedEvent, index: number): LogEntry => ({
  index,
  leafHash: hashLeaf(encodeEvent(event)),
  event,
});
/** A log that is whole in itself. */
export const logOf = (length: number) => Array.from({ length }, (_, n) => entryOf(eventNumber(n), n));
export const stateOf = (entries: readonly LogEntry[]) => {
  const state = TreeState.empty();
  for (const { leafHash } of entries) state.append(leafHash);
  return state;
};
