import { createPrivateKey } from 'node:crypto';
import { readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from '@jest/globals';
import {
  encodeEvent,
  faults,
  formatEntry,
  formatNote,
  formatProofFile,
  formatStart,
  formatTreeHead,
  formatVkey,
  hashChildren,
  hashLeaf,
  inclusionProof,
  signingKey,
  signNote,
  TreeState,
  unverified,
  type SealedEvent,
} from './index.js';

const page = readFileSync(join(import.meta.dirname, '../../../docs/audit-format.md'), 'utf8');

/** The private key of these bytes (RFC 8032 §5.1.5), in PKCS #8 (RFC 8410 §7). */
const keyFrom = (first: number) =>
  createPrivateKey({
    key: Buffer.concat([
      Buffer.from('302e020100300506032b657004220420', 'hex'),
      Buffer.from(Array.from({ length: 32 }, (_, n) => first + n)),
    ]),
    format: 'der',
    type: 'pkcs8',
  });

const event = (id: string, tx: string, type: string, time: string): SealedEvent => ({
  id,
  tenantId: 'tnt_1',
  tx,
  type,
  time,
  accountId: null,
  userId: null,
  userRef: null,
  requestId: null,
  data: {},
  personal: null,
});
const jana = { accountId: 'acme', userId: 'jana', userRef: 'usr_1' };
const events: readonly SealedEvent[] = [
  { ...event('evt_a', '741', 'user.created', '2026-11-27T09:00:00.000001Z'), ...jana, data: { kind: 'person' } },
  {
    ...event('evt_b', '742', 'challenge.approved', '2026-11-27T09:00:07.250000Z'),
    ...jana,
    requestId: 'req_1',
    data: { method: 'totp', amr: ['otp', 'mfa'], challengeId: 'chl_1' },
    personal: 'AAECAwQFBgc=',
  },
  {
    ...event('evt_c', '744', 'policy.changed', '2026-11-27T09:01:00.000000Z'),
    data: { new: { jméno: 'Č' }, old: { '10': 0.5, '9': 1e21 } },
  },
];

async function examples(): Promise<Record<string, string>> {
  const leaves = events.map((event) => hashLeaf(encodeEvent(event)));
  const entries = events.map((event, index) => ({ index, event, leafHash: leaves[index] ?? Buffer.alloc(0) }));
  const states = [0, 1, 2, 3].map((size) => {
    const state = TreeState.empty();
    for (const leaf of leaves.slice(0, size)) state.append(leaf);
    return state;
  });
  const root = states[3]?.root() ?? Buffer.alloc(0);
  const origin = '2fa.example.com/audit/tnt_1';
  const log = signingKey(origin, 'ed25519', keyFrom(0));
  const witness = signingKey('witness.example/w1', 'cosignature/v1', keyFrom(32));
  const text = formatTreeHead({ origin, size: 3, root });
  const checkpoint = formatNote(signNote(text, [log, witness], 1_795_770_000));
  const read = (nodes: readonly { index: number }[]) => nodes.map(({ index }) => leaves[index] ?? Buffer.alloc(0));
  const lines = entries.map(formatEntry);
  const bare = entries.map((entry) => formatEntry({ ...entry, event: undefined }));
  return {
    export: `${lines.join('\n')}\n`,
    leaves: leaves.map((leaf) => `${leaf.toString('hex')}\n`).join(''),
    nodes: `${hashChildren(leaves[0] ?? root, leaves[1] ?? root).toString('hex')}\n${root.toString('hex')}\n`,
    keys: `${formatVkey(log)}\n${formatVkey(witness)}\n`,
    checkpoint,
    cosigned: `cosignature/v1\ntime 1795770000\n${text}`,
    proof: formatProofFile({
      index: 1,
      hashes: await inclusionProof(1, 3, { read }),
      checkpoint,
      extra: Buffer.from(encodeEvent(events[1] ?? never())),
    }),
    pruned: `${[...bare.slice(0, 2), lines[2]].join('\n')}\n`,
    middle: `${formatStart(states[2] ?? never())}\n${lines[2]}\n`,
  };
}

describe('docs/audit-format.md', () => {
  test('shows what the library writes', async () => {
    const shown = [...page.matchAll(/^```(\w+)\n(.*?)^```$/gms)].map(([, name = '', text = '']) => [name, text]);
    expect(Object.fromEntries(shown)).toEqual(await examples());
  });

  test('names each reason', () => {
    for (const reason of [...Object.keys(faults), ...Object.keys(unverified)]) expect(page).toContain(`\`${reason}\``);
  });
});

function never(): never {
  throw new Error('No such event.');
}
