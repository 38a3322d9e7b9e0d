import { faults, type ExportVerdict, type Fault } from '../index.js';

/** What is said: lines for people, an object for programs. */
export interface Result {
  readonly ok: boolean;
  readonly words: readonly string[];
  readonly json: Readonly<Record<string, unknown>>;
}

const number = (count: number) => count.toLocaleString('en');
const plural = (count: number, one: string, many: string) => `${number(count)} ${count === 1 ? one : many}`;

/** @param place what the fault is about: a line, an entry */
export function bad(reason: string, words: string, place: Readonly<Record<string, unknown>>): Result {
  return { ok: false, words: [`Bad. ${words}`, `(${reason})`], json: { ok: false, reason, ...place, words } };
}

/** @param line where in which file it was met, if not at its end */
export function badExport(
  { reason, index, lastIndex, detail }: Fault,
  line?: { number: number; isEnded: boolean },
): Result {
  const entries =
    lastIndex === undefined ? `Entry ${number(index)}` : `Entries ${number(index)} to ${number(lastIndex)}`;
  const at = line ? `, line ${number(line.number)}` : '';
  const truncated =
    reason === 'line_malformed' && line?.isEnded === false ? 'The file ends in the middle of it.' : undefined;
  const words = [`${entries}${at}: ${faults[reason]}`, truncated ?? detail]
    .filter((part) => part !== undefined)
    .join(' ');
  return bad(reason, words, {
    index,
    ...(lastIndex !== undefined && { lastIndex }),
    ...(line && { line: line.number }),
  });
}

type GoodExport = Extract<ExportVerdict, { ok: true }>;

export function goodExport(verdict: GoodExport): Result {
  const { tenantId, origin, start, size, root, pruned, checkpoints, vouchedFor } = verdict;
  const json = { ok: true, tenantId, origin, start, size, entries: size - start, pruned };
  return {
    ok: true,
    words: [
      `Good. ${plural(size - start, 'entry', 'entries')} of ${origin ?? tenantId ?? 'a log'}${start > 0 ? `, from entry ${number(start)} on` : ''}.`,
      ...vouching(verdict),
      ...(pruned > 0 ? [`${plural(pruned, 'entry has', 'entries have')} no event any more: the log was pruned.`] : []),
      ...(checkpoints.before > 0
        ? [
            `${plural(checkpoints.before, 'checkpoint is', 'checkpoints are')} of entries before this export, and could not be compared.`,
          ]
        : []),
      ...(checkpoints.beyond > 0
        ? [
            `${plural(checkpoints.beyond, 'checkpoint is', 'checkpoints are')} of entries after this export, and could not be compared.`,
          ]
        : []),
      `Tree: size ${size}, root ${root.toString('base64')}`,
    ],
    json: { ...json, root: root.toString('base64'), checkpoints, vouchedFor },
  };
}

function vouching({ start, size, checkpoints, vouchedFor }: GoodExport): string[] {
  if (checkpoints.compared === 0)
    return ['They fit each other. No checkpoint vouches for them: anybody could have written them.'];
  const compared = plural(checkpoints.compared, 'checkpoint', 'checkpoints');
  if (vouchedFor === size) return [`All are as ${compared} saw them.`];
  const beyond = size - Math.max(vouchedFor, start);
  return [
    `As ${compared} saw them up to entry ${number(vouchedFor - 1)}.`,
    `${plural(beyond, 'entry', 'entries')} after that: no checkpoint vouches for them yet.`,
  ];
}
