import { readFileSync, rmSync } from 'node:fs';
import { dirname } from 'node:path';

/** Prints what was asked for, acknowledged, delivered, lost: a line for each scenario. */
export default function printSummary() {
  const file = process.env.FAULT_SUMMARY;
  const rows = readFileSync(file, 'utf8')
    .split('\n')
    .filter(Boolean)
    .map((line) => JSON.parse(line));
  rmSync(dirname(file), { recursive: true });
  const names = ['test', 'faults', 'requests', 'acknowledged', 'delivered', 'lost', 'extra', 'recovery'];
  const table = [
    names,
    ...rows.toSorted((a, b) => a.test.localeCompare(b.test)).map((row) => names.map((name) => String(row[name]))),
  ];
  const widths = names.map((_, column) => Math.max(...table.map((cells) => cells[column].length)));
  const lines = table.map((cells) => `| ${cells.map((cell, column) => cell.padEnd(widths[column])).join(' | ')} |`);
  lines.splice(1, 0, `|${widths.map((width) => '-'.repeat(width + 2)).join('|')}|`);
  process.stdout.write(`\n${lines.join('\n')}\n\n`);
}
