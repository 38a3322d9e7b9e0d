import { mkdtempSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';

/** The scenarios run in processes of their own and leave their rows in one file. */
export default function beginSummary() {
  const file = join(mkdtempSync(join(tmpdir(), 'sallyport-summary-')), 'rows.ndjson');
  writeFileSync(file, '');
  process.env.FAULT_SUMMARY = file;
}
