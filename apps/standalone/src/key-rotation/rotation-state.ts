import type { Database } from '#persistence';
import { hasKeys, keysIn, rotatedKinds, type KeysInFiles, type RotatedKind } from '#runtime';
import { isSealingKind, knownKeys } from './retire-key.js';
import type { KnownState } from './retire-key.sql.js';
import { keyUses } from './seal-again.js';

interface KeyState extends Pick<KnownState, 'id' | 'usedSince' | 'retiredAt'> {
  readonly active: boolean;
  readonly inFiles: boolean;
  /** Whether a process has started that holds it. */
  readonly known: boolean;
  /** Values that are sealed under it; left out where none are. */
  readonly values?: number;
}

export interface RotationState {
  readonly kind: RotatedKind;
  readonly keys: readonly KeyState[];
  /** The step that is next, in words; null where no rotation is under way. */
  readonly next: string | null;
}

/** How far the rotation of each kind is, by the key files and the database. */
export async function rotationState(database: Database, texts: readonly string[]): Promise<RotationState[]> {
  const states: RotationState[] = [];
  for (const kind of rotatedKinds) {
    if (!hasKeys(texts, kind)) continue;
    const files = keysIn(texts, kind);
    const known = await knownKeys(database, kind);
    const uses = isSealingKind(kind) ? await keyUses(database, kind) : [];
    const ids = [...new Set([...files.ids, ...known.map(({ id }) => id), ...uses.map(({ keyId }) => keyId)])];
    const keys = ids.map((id): KeyState => {
      const found = known.find((key) => key.id === id);
      const values = uses.filter(({ keyId }) => keyId === id).reduce((sum, use) => sum + use.values, 0);
      return {
        id,
        active: files.active.includes(id),
        inFiles: files.ids.includes(id),
        known: found !== undefined,
        usedSince: found?.usedSince ?? null,
        retiredAt: found?.retiredAt ?? null,
        ...(isSealingKind(kind) && { values }),
      };
    });
    states.push({ kind, keys, next: nextStep(kind, files, keys) });
  }
  return states;
}

function nextStep(kind: RotatedKind, { active, ids }: KeysInFiles, keys: readonly KeyState[]): string | null {
  if (active.length > 1) return `keys rotate use ${kind} --key ID: the files have different active keys`;
  const current = keys.find((key) => key.active);
  const others = keys.filter(({ id, active: isActive }) => ids.includes(id) && !isActive);
  const waiting = others.find(({ usedSince }) => usedSince === null);
  if (waiting) {
    return waiting.known
      ? `once every process was restarted with "${waiting.id}" in its key file: keys rotate use ${kind}`
      : `restart every process, so that it knows "${waiting.id}"; then: keys rotate use ${kind}`;
  }
  const former = others.find(({ retiredAt }) => retiredAt === null) ?? others[0];
  if (!former) return null;
  if (!current?.usedSince) return `restart every process, so that it uses "${current?.id ?? ''}"`;
  return (former.values ?? 0) > 0 ? `keys rotate reseal ${kind}` : `keys rotate retire ${kind} --key ${former.id}`;
}
