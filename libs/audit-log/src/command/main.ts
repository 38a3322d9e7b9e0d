#!/usr/bin/env node
import { help, parseArguments, UsageError } from './arguments.js';
import { Progress } from './progress.js';
import type { Result } from './result.js';
import { verifyExportFile } from './verify-export-file.js';
import { verifyProofs } from './verify-proof-file.js';

/** @returns the exit status: 0 good, 1 bad, 2 nothing was verified */
async function main(args: readonly string[]): Promise<number> {
  const progress = new Progress(process.stderr);
  try {
    const parsed = parseArguments(args);
    if (!parsed) {
      process.stdout.write(help);
      return 0;
    }
    const result = parsed.proof === undefined ? await verifyExportFile(parsed, progress) : await verifyProofs(parsed);
    progress.end();
    process.stdout.write(format(result, parsed.isJson));
    return result.ok ? 0 : 1;
  } catch (error) {
    if (!(error instanceof UsageError)) throw error;
    progress.end();
    process.stderr.write(`sallyport-audit-verify: ${error.message}\n`);
    return 2;
  }
}

function format({ words, json }: Result, isJson: boolean): string {
  return isJson ? `${JSON.stringify(json)}\n` : `${words.join('\n')}\n`;
}

// Set, not called: what was written is told to the end.
process.exitCode = await main(process.argv.slice(2));
