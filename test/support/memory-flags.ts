import { readFileSync } from 'node:fs';
import { join } from 'node:path';

/** What Node.js is told of memory by one of npm's scripts: for `start:relay`, that of a relay. */
export function memoryFlags(script: string): string[] {
  const text = readFileSync(join(import.meta.dirname, '../../package.json'), 'utf8');
  const { scripts } = JSON.parse(text) as { scripts: Record<string, string> };
  return scripts[script]?.match(/--max-\S+/g) ?? [];
}
