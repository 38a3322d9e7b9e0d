import { parseArgs } from 'node:util';

/** The command was called in a way that it does not understand, or cannot read what it was given: nothing was verified. */
export class UsageError extends Error {
  override name = 'UsageError';
}

/** What a file system says, in words. Any other error stays what it is. */
export function asUsageError(error: unknown): unknown {
  const isSystem = error instanceof Error && 'code' in error && 'syscall' in error;
  return isSystem ? new UsageError(`A file cannot be read: ${error.message}`) : error;
}

export const help = `Usage: sallyport-audit-verify EXPORT [--checkpoints FILE]... [--keys FILE]... [options]
       sallyport-audit-verify --proof FILE [EVENT] --keys FILE [options]

Verifies an export of an audit log, or proofs that single events are in it. It needs no server and believes
nothing but the keys. "-" stands for standard input.

  EXPORT              the export: a line of JSON for each entry
  --checkpoints FILE  checkpoints of the log, one after the other, in any order
  --proof FILE        a proof (.tlog-proof), or several, one after the other
  EVENT               the event that the proof should be of, as the export has it; without it, the one
                      that the proof itself contains
  --keys FILE         public keys, one on a line: of the log, and of witnesses
  --witnesses NUMBER  how many of these witnesses must have cosigned each checkpoint (default 0)
  --policy FILE       keys and witnesses as a policy (C2SP tlog-policy), in place of the two above
  --partial           the export ends before the log does: checkpoints of more entries are no fault
  --tenant ID         whose log it should be; else the checkpoints tell
  --json              the result as JSON
  -h, --help          this text

Exit status: 0 good, 1 bad, 2 the call was wrong or a file cannot be read.
The format is described in docs/audit-format.md.
`;

export interface Arguments {
  readonly file: string | undefined;
  readonly checkpoints: readonly string[];
  readonly keys: readonly string[];
  readonly proof: string | undefined;
  readonly policy: string | undefined;
  readonly witnesses: number;
  readonly isPartial: boolean;
  readonly tenantId: string | undefined;
  readonly isJson: boolean;
}

/** @returns undefined where help was asked for. @throws {UsageError} */
export function parseArguments(args: readonly string[]): Arguments | undefined {
  const { values, positionals } = read(args);
  if (values.help) return undefined;
  const { checkpoints = [], keys = [], proof, policy, witnesses = '0', tenant } = values;
  if (positionals.length > 1) throw new UsageError('Give one file.');
  if (!proof && !positionals[0]) throw new UsageError('Which file? See --help.');
  if (!/^\d{1,3}$/.test(witnesses)) throw new UsageError('--witnesses is a number.');
  if (policy && (keys.length > 0 || values.witnesses)) throw new UsageError('Give --policy or --keys, not both.');
  const hasKeys = policy !== undefined || keys.length > 0;
  if ((proof || checkpoints.length > 0) && !hasKeys)
    throw new UsageError('Without keys a signature proves nothing. Give --keys or --policy.');
  if (proof && (checkpoints.length > 0 || values.partial))
    throw new UsageError('A proof has its checkpoint. Give no --checkpoints and no --partial.');
  if (!proof && hasKeys && checkpoints.length === 0)
    throw new UsageError('There is nothing that the keys have signed. Give --checkpoints.');
  return {
    file: positionals[0],
    checkpoints,
    keys,
    proof,
    policy,
    witnesses: Number(witnesses),
    isPartial: values.partial === true,
    tenantId: tenant,
    isJson: values.json === true,
  };
}

function read(args: readonly string[]) {
  try {
    return parseArgs({
      args: [...args],
      allowPositionals: true,
      options: {
        checkpoints: { type: 'string', multiple: true },
        keys: { type: 'string', multiple: true },
        proof: { type: 'string' },
        policy: { type: 'string' },
        witnesses: { type: 'string' },
        partial: { type: 'boolean' },
        tenant: { type: 'string' },
        json: { type: 'boolean' },
        help: { type: 'boolean', short: 'h' },
      },
    });
  } catch (error) {
    throw new UsageError((error as Error).message);
  }
}
