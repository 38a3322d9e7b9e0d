import { ExportVerification, faults, type Policy } from '../index.js';
import { asUsageError, type Arguments } from './arguments.js';
import type { Progress } from './progress.js';
import { CheckpointError, readCheckpoints } from './read-checkpoints.js';
import { LineError, readLines } from './read-lines.js';
import { bad, badExport, goodExport, type Result } from './result.js';
import { readPolicy } from './trust.js';

/** @throws {UsageError} where nothing could be verified */
export async function verifyExportFile(args: Arguments, progress: Progress): Promise<Result> {
  const verification = new ExportVerification(args);
  try {
    if (args.checkpoints.length > 0) await expectAll(verification, args.checkpoints, await readPolicy(args));
    return await verifyLines(verification, args.file ?? '-', progress);
  } catch (error) {
    if (error instanceof CheckpointError)
      return bad(error.reason, `The checkpoint at line ${error.line}: ${error.message}`, {
        checkpointLine: error.line,
      });
    if (error instanceof LineError)
      return bad('line_malformed', `Line ${error.line}: ${error.message}`, { line: error.line });
    throw asUsageError(error);
  }
}

async function expectAll(verification: ExportVerification, files: readonly string[], policy: Policy): Promise<void> {
  for (const file of files) {
    for await (const { head, line } of readCheckpoints(file, policy)) {
      const fault = verification.expect(head);
      if (fault) throw new CheckpointError(fault.reason, line, faults[fault.reason]);
    }
  }
}

async function verifyLines(verification: ExportVerification, file: string, progress: Progress): Promise<Result> {
  for await (const line of readLines(file)) {
    const fault = verification.add(line.text);
    if (fault) return badExport(fault, line);
    progress.count();
  }
  const verdict = verification.finish();
  return verdict.ok ? goodExport(verdict) : badExport(verdict.fault);
}
