import { globSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import type { Command } from 'commander';
import { expect, it } from '@jest/globals';
import { adminProgram, leavesOf } from '../../apps/standalone/src/admin/program.js';
import { Shell } from '../../apps/standalone/src/admin/shell.js';

const root = join(import.meta.dirname, '../..');
const program = adminProgram(new Shell(false));

const nameOf = (command: Command): string =>
  command.parent ? `${nameOf(command.parent)} ${command.name()}`.trim() : '';

function helpOf(command: Command): string {
  let text = '';
  command.configureOutput({ writeOut: (words) => (text += words) });
  command.outputHelp();
  return text;
}

/** What follows `npm run admin --` in a text, up to the end of its line or code. */
const mentions = (text: string) =>
  [...text.matchAll(/npm run admin -- ([a-z][^`"\n]*)/g)].map(([, words = '']) =>
    words
      .trim()
      .split(/\s+/)
      .map((word) => word.replace(/[.,;:)'"]+$/, '').replace(/\|.*/, '')),
  );

/** What is wrong with a command line that somebody is told to run; undefined where there is such a command. */
function faultOf(words: readonly string[]): string | undefined {
  let command = program;
  let rest = [...words];
  for (let next; (next = command.commands.find((each) => each.name() === rest[0])); rest = rest.slice(1))
    command = next;
  if (command === program) return 'there is no such command';
  if (command.commands.length > 0) return rest.length === 0 ? undefined : `${command.name()} has no command ${rest[0]}`;
  const known = command.options.flatMap(({ long, short }) => [long, short]);
  return rest.filter((word) => /^--[a-z]/.test(word)).find((option) => option !== '--help' && !known.includes(option));
}

it('every command has an example that can be run, a description, and answers as JSON and as text', () => {
  const leaves = leavesOf(program);
  expect(leaves.length).toBeGreaterThan(20);
  for (const command of leaves) {
    const [name, help] = [nameOf(command), helpOf(command)];
    expect({ name, described: command.description() !== '' }).toEqual({ name, described: true });
    expect({ name, options: command.options.map(({ long }) => long) }).toMatchObject({
      name,
      options: expect.arrayContaining(['--json', '--text']),
    });
    const examples = mentions(help.slice(help.indexOf('\nExample')));
    expect({ name, own: examples.some((words) => words.join(' ').startsWith(name)) }).toEqual({ name, own: true });
    for (const words of examples) expect({ words, fault: faultOf(words) }).toEqual({ words, fault: undefined });
  }
});

it('what pages, words and examples tell to run is there', () => {
  const files = globSync(['*.md', '*.yml', 'docs/**/*.md', '{apps,libs}/*/src/**/*.ts'], { cwd: root });
  const told = files.flatMap((file) =>
    mentions(readFileSync(join(root, file), 'utf8')).map((words) => ({ file, words })),
  );
  const wrong = told.flatMap((each) => {
    const fault = faultOf(each.words);
    return fault === undefined ? [] : [{ ...each, fault }];
  });
  expect(wrong).toEqual([]);
  expect(told.length).toBeGreaterThan(30);
});

it('a command that is not there, or an option, is seen', () => {
  expect(faultOf(['userz', 'show'])).toBe('there is no such command');
  expect(faultOf(['user', 'shows', 'x'])).toBe('user has no command shows');
  expect(faultOf(['user', 'reset', 'a', 'b', '--because', 'x'])).toBe('--because');
  expect(faultOf(['user', 'reset', 'a', 'b', '--reason', 'x'])).toBeUndefined();
});
