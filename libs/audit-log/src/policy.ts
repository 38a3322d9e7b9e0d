import { MalformedError } from './errors.js';
import { formatVkey, parseVkey, type VerifierKey } from './keys.js';
import { decodeDecimal, decodeText } from './text.js';

/** So many of these: witnesses, or groups of them. */
export interface Quorum {
  readonly threshold: number;
  readonly members: readonly (Quorum | VerifierKey)[];
}

/** What a checkpoint needs to be believed. */
export interface Policy {
  /** Keys of logs, each named by its log's origin; one of the right name has to have signed. Several of one name, after a change. */
  readonly logs: readonly VerifierKey[];
  /** Which cosignatures there have to be besides. */
  readonly quorum: Quorum;
}

/** Asks for no witness. */
export const noWitness: Quorum = { threshold: 0, members: [] };

/** The witnesses that a quorum may count. */
export function witnessesOf(quorum: Quorum): VerifierKey[] {
  return quorum.members.flatMap((member) => ('members' in member ? witnessesOf(member) : [member]));
}

/** Whether enough of them are among these. */
export function isReached({ threshold, members }: Quorum, cosigners: ReadonlySet<VerifierKey>): boolean {
  const there = members.filter((member) =>
    'members' in member ? isReached(member, cosigners) : cosigners.has(member),
  );
  return there.length >= threshold;
}

const mostBytes = 1024 * 1024;

/**
 * Reads a policy in the format of C2SP tlog-policy: lines `log`, `witness`, `group` and one `quorum`.
 * @throws {MalformedError} naming the line
 */
export function parsePolicy(input: string | Uint8Array): Policy {
  const reading = new PolicyReading();
  const lines = decodeText('policy', input, mostBytes).split('\n');
  for (const [number, line] of lines.entries()) {
    const words = line.split(/[ \t]+/).filter((word) => word !== '');
    const [first = ''] = words;
    if (first === '' || first.startsWith('#')) continue;
    try {
      reading.take(words);
    } catch (error) {
      if (!(error instanceof MalformedError)) throw error;
      throw new MalformedError('policy', `Line ${number + 1}: ${error.message}`);
    }
  }
  return reading.finish();
}

class PolicyReading {
  private readonly logs: VerifierKey[] = [];
  /** Of the key of each log and witness, without its name: nobody may count twice. */
  private readonly known = { log: new Set<string>(), witness: new Set<string>() };
  private readonly named = new Map<string, Quorum | VerifierKey>();
  private readonly inGroup = new Set<string>();
  private quorum: Quorum | undefined;

  take([keyword, ...rest]: readonly string[]): void {
    if (keyword === 'log') this.takeLog(rest);
    else if (keyword === 'witness') this.takeWitness(rest);
    else if (keyword === 'group') this.takeGroup(rest);
    else if (keyword === 'quorum') this.takeQuorum(rest);
    else throw new MalformedError('policy', 'It begins with none of log, witness, group, quorum.');
  }

  finish(): Policy {
    if (!this.quorum) throw new MalformedError('policy', 'It has no line "quorum".');
    return { logs: this.logs, quorum: this.quorum };
  }

  private takeLog(words: readonly string[]): void {
    assertCount(words, 1, 2);
    this.logs.push(this.newKey('log', words[0]));
  }

  private takeWitness(words: readonly string[]): void {
    assertCount(words, 2, 3);
    const key = this.newKey('witness', words[1]);
    // What signs plain notes made no statement about what a log was before.
    if (key.type === 'ed25519')
      throw new MalformedError('policy', 'A witness needs a key that signs the time: cosignature/v1 or ml-dsa-44.');
    this.name(words[0], key);
  }

  private takeGroup([name, threshold = '', ...members]: readonly string[]): void {
    if (members.length === 0) throw new MalformedError('policy', 'A group has a name, a threshold and members.');
    const found = members.map((member) => {
      if (this.inGroup.has(member)) throw new MalformedError('policy', `"${member}" is in a group already.`);
      this.inGroup.add(member);
      return this.find(member);
    });
    const named: Record<string, number> = { any: 1, all: members.length };
    const count = named[threshold] ?? decodeDecimal(threshold) ?? 0;
    if (count < 1 || count > members.length)
      throw new MalformedError('policy', `The threshold of a group is any, all or a number from 1 to its members.`);
    this.name(name, { threshold: count, members: found });
  }

  private takeQuorum(words: readonly string[]): void {
    assertCount(words, 1, 1);
    if (this.quorum) throw new MalformedError('policy', 'It has two lines "quorum".');
    this.quorum = words[0] === 'none' ? noWitness : { threshold: 1, members: [this.find(words[0])] };
  }

  private find(name = ''): Quorum | VerifierKey {
    const found = this.named.get(name);
    if (!found) throw new MalformedError('policy', `Nothing before this line has the name "${name}".`);
    return found;
  }

  private name(name = '', value: Quorum | VerifierKey): void {
    if (name === 'none' || this.named.has(name)) throw new MalformedError('policy', `The name "${name}" is taken.`);
    this.named.set(name, value);
  }

  private newKey(role: 'log' | 'witness', vkey = ''): VerifierKey {
    const key = parseVkey(vkey);
    const bytes = formatVkey(key).slice(key.name.length + key.id.length + 2);
    if (this.known[role].has(bytes)) throw new MalformedError('policy', `There are two lines "${role}" of one key.`);
    this.known[role].add(bytes);
    return key;
  }
}

function assertCount(words: readonly string[], least: number, most: number): void {
  if (words.length < least || words.length > most)
    throw new MalformedError('policy', 'It has too few or too many words.');
}
