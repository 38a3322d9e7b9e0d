import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, it } from '@jest/globals';

const folder = join(import.meta.dirname, '../../docs/adr');
const pages = readdirSync(folder).filter((name) => /^\d{4}-/.test(name));
const index = readFileSync(join(folder, 'README.md'), 'utf8');

describe('a decision', () => {
  it.each(pages)('%s has status and date, says when to look again, and is in the list', (name) => {
    const text = readFileSync(join(folder, name), 'utf8');
    expect(text).toMatch(/^# \d+\. .+\n\nStatus: \w+, \d{4}-\d{2}-\d{2}\b/);
    expect(text).toMatch(/\*\*Look again/);
    expect(index).toContain(`](${name})`);
  });
});
