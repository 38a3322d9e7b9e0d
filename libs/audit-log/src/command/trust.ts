import { MalformedError, parsePolicy, parseVkey, type Policy, type VerifierKey } from '../index.js';
import { UsageError, type Arguments } from './arguments.js';
import { readSmall } from './read-lines.js';

/** Reads what is believed. @throws {UsageError} where it cannot be read: then nothing is verified */
export async function readPolicy({ policy, keys, witnesses }: Arguments): Promise<Policy> {
  if (policy !== undefined) return parse(policy, await readSmall(policy));
  const found: VerifierKey[] = [];
  for (const file of keys) found.push(...parseKeys(file, await readSmall(file)));
  if (found.length === 0) throw new UsageError('There is no key in the file given by --keys.');
  const members = found.filter(({ type }) => type !== 'ed25519');
  if (witnesses > members.length)
    throw new UsageError(`--witnesses asks for ${witnesses}, and ${members.length} keys are of witnesses.`);
  return { logs: found, quorum: { threshold: witnesses, members } };
}

function parse(file: string, bytes: Buffer): Policy {
  try {
    return parsePolicy(bytes);
  } catch (error) {
    if (error instanceof MalformedError) throw new UsageError(`${file}: ${error.message}`);
    throw error;
  }
}

function parseKeys(file: string, bytes: Buffer): VerifierKey[] {
  return bytes
    .toString('utf8')
    .split('\n')
    .flatMap((text, index) => {
      const line = text.trim();
      if (line === '' || line.startsWith('#')) return [];
      try {
        return [parseVkey(line)];
      } catch (error) {
        if (error instanceof MalformedError) throw new UsageError(`${file}, line ${index + 1}: ${error.message}`);
        throw error;
      }
    });
}
