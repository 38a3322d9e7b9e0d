import { afterEach, describe, expect, it } from '@jest/globals';
import { atOnce, createLogger, createLoggers, describeError } from './logger.js';

const secrets =
  'code recoveryCode secret uri qrCode phone email to address apiKey authorization proof body payload password'.split(
    ' ',
  );

describe('a log', () => {
  const lines: string[] = [];
  const logger = createLogger('test', { write: (line) => void lines.push(line) });
  const last = () => JSON.parse(lines.at(-1) ?? '') as Record<string, never>;
  afterEach(() => {
    for (const line of lines.splice(0)) expect(line).not.toMatch(/048213|sp_hidden/);
  });

  it.each(secrets)('never shows a field called %s, wherever in the first three levels it stands', (field) => {
    const own = { [field]: '048213' };
    const cut = { [field]: '[redacted]' };
    logger.info({ ...own, kept: 'a' }, 'first');
    expect(last()).toMatchObject({ app: 'test', msg: 'first', kept: 'a', ...cut });
    logger.error({ request: { ...own, kept: 'b' } }, 'second');
    expect(last()).toMatchObject({ request: { kept: 'b', ...cut } });
    logger.warn({ request: { device: { ...own, kept: 'c' } } }, 'third');
    expect(last()).toMatchObject({ request: { device: { kept: 'c', ...cut } } });
    // Neither whole objects, nor what a child brings along.
    logger.info({ [field]: { deep: { deeper: ['048213'] } } });
    expect(last()).toMatchObject(cut);
    const child = logger.child({ part: 'child', ...own, device: own });
    child.info({ request: own }, 'of a child');
    expect(last()).toMatchObject({ ...cut, device: cut, request: cut });
  });

  it('is written once for each turn of the event loop, in order, and before the process exits', async () => {
    const written: string[] = [];
    const before = process.listeners('exit');
    const logger = createLogger('test', atOnce({ write: (text) => void written.push(text) }));
    const messages = () => written.map((text) => [...text.matchAll(/"msg":"([^"]*)"/g)].map(([, words]) => words));
    logger.info('one');
    logger.info('two');
    expect(written).toEqual([]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(messages()).toEqual([['one', 'two']]);
    logger.info('last');
    const own = process.listeners('exit').find((listener) => !before.includes(listener));
    own?.(0);
    expect(messages()).toEqual([['one', 'two'], ['last']]);
    await new Promise((resolve) => setImmediate(resolve));
    expect(written).toHaveLength(2);
    process.off('exit', own as () => void);
  });

  it('says once of which app a line is', () => {
    const written: string[] = [];
    const loggers = createLoggers({ write: (line) => void written.push(line) });
    for (const app of ['standalone', 'relay']) loggers(app).info('ready');
    expect(written.map((line) => [...line.matchAll(/"app":"([^"]*)"/g)].map(([, app]) => app))).toEqual([
      ['standalone'],
      ['relay'],
    ]);
    expect(written.map((line) => Object.keys(JSON.parse(line) as object).toSorted())).toEqual(
      written.map(() => ['app', 'level', 'msg', 'time']),
    );
  });

  it('shows lists of recovery codes as little', () => {
    logger.info({ answer: { recoveryCodes: ['048213'] }, recoveryCodes: ['048213'] });
    expect(last()).toMatchObject({ answer: { recoveryCodes: '[redacted]' }, recoveryCodes: '[redacted]' });
  });

  it('shows the secrets of things in a list as little, and leaves what was logged as it was', () => {
    const found = [{ email: '048213', kept: 'a' }, 'b'];
    logger.info({ found });
    expect(last()).toMatchObject({ found: [{ email: '[redacted]', kept: 'a' }, 'b'] });
    expect(found).toEqual([{ email: '048213', kept: 'a' }, 'b']);
  });

  it('shows no more of an error that stands elsewhere, also of one in a child', () => {
    const error = Object.assign(new TypeError('words'), { code: 'E1', detail: '048213' });
    const shown = expect.objectContaining({ type: 'TypeError', message: 'words', stack: expect.any(String) });
    logger.child({ cause: { fault: error } }).warn({ cause: error, request: { err: error } }, 'failed');
    const words = lines.at(-1) ?? '';
    expect(words.match(/"type":"TypeError"/g)).toHaveLength(3);
    expect(last()).toMatchObject({ cause: shown, request: { err: shown } });
  });

  it('shows of an error its kind, its words and its place, and nothing that a library hung on it', () => {
    const more = { code: 'E1', parameters: ['048213'], envelope: { to: '048213' }, config: 'sp_hidden' };
    logger.error({ err: Object.assign(new TypeError('words'), more) }, 'failed');
    expect(last()['err']).toEqual({ type: 'TypeError', message: 'words', fault: 'E1', stack: expect.any(String) });
  });

  it('shows no stack of a fault of the surroundings: its words say all', () => {
    const faults = ['53300', 'ECONNREFUSED', '53100'].map((code) => Object.assign(new Error('words'), { code }));
    for (const fault of faults)
      expect(describeError(fault)).toEqual({ type: 'Error', message: 'words', fault: fault.code });
    expect(describeError(new TypeError('ours'))).toHaveProperty('stack');
  });
});
