import { describe, expect, it } from '@jest/globals';
import { catalogue, scenarioNames } from './catalogue.ts';
import { readOptions, type BenchOptions } from './options.ts';

const only = (...args: string[]) => (readOptions(args) as BenchOptions).only;
const core = scenarioNames.filter((name) => catalogue[name].group === 'core');

describe('the options of the bench', () => {
  it('measure the way of a login and the peer where nothing is said', () => {
    expect(only()).toEqual([...core, 'better-auth']);
  });

  it('take scenarios, groups and all', () => {
    expect(only('--only', 'relay, sealing')).toEqual(['relay', 'sealing']);
    expect(only('--only', 'core')).toEqual(core);
    expect(only('--only', 'all')).toEqual(scenarioNames);
  });

  it('measure with a scenario what it is compared with, and what that goes by', () => {
    expect(only('--only', 'half-load')).toEqual(['verify', 'half-load']);
    expect(only('--only', 'hand-over')).toEqual(['verify', 'challenge-sms', 'sms-worker', 'hand-over']);
    expect(only('--only', 'sms-workers-4')).toEqual(['sms-workers-1', 'sms-workers-4']);
  });

  it('measure large tables besides where their size is named', () => {
    const read = readOptions(['--only', 'verify', '--events', '50000']) as BenchOptions;
    expect(read.filled).toEqual({ devices: 1_000_000, events: 50_000 });
    expect(read.only).toEqual(expect.arrayContaining(['verify', 'verify-big', 'challenge-sms-big']));
  });

  it('are listed, each scenario by its name', () => {
    const help = readOptions(['--help']);
    expect(help).toMatchObject({ status: 0 });
    for (const name of scenarioNames) expect(help).toMatchObject({ show: expect.stringContaining(`    ${name} `) });
  });

  it.each([
    ['--only', 'nothing'],
    ['--rounds', '0'],
    ['--events', 'many'],
    ['--no-such-option', 'x'],
  ])('refuse %s %s in a line', (...args) => {
    expect(readOptions(args)).toEqual({ status: 2, show: expect.stringMatching(/^bench: .*See --help\.\n$/) });
  });
});
