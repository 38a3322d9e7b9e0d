import { describe, expect, test } from '@jest/globals';
import { eventNames } from '#contracts';
import type { ProvedEvent } from './answers.js';
import { historyFile, inWords } from './history-file.js';
import { wordsOf } from './words/words.js';

const words = wordsOf('en');

/** What nobody is told of themselves: not about a user, or of one who is no more. */
const untold = /^(account|api_key|audit|database|job|key|policy|route|sealing|send_block|webhook)\.|^user\.erased$/;

const eventOf = (type: string, data: object = {}, proof: string | null = 'a proof\n') =>
  ({ type: `com.sallyport.${type}`, time: '2026-11-27T09:00:00.000001Z', data, proof }) as ProvedEvent;

async function fileOf(...data: ProvedEvent[]): Promise<string> {
  async function* pages() {
    for (const event of data) yield { data: [event], nextCursor: null, checkpoint: null };
  }
  let text = '';
  for await (const part of historyFile(pages(), words)) text += part;
  return text;
}

describe('the history of a person', () => {
  test('has words for every event that tells of one', () => {
    const told = eventNames.filter((name) => !untold.test(name));
    expect(told.length).toBeGreaterThan(30);
    expect(told.filter((name) => inWords(eventOf(name), words).what.startsWith(words.history.other))).toEqual([]);
  });

  test('shows an event that it has no words for by its name', () => {
    expect(inWords(eventOf('toString'), words).what).toBe('Another event (toString)');
  });

  test('says for what, by which device and from where', () => {
    const personal = { deviceName: 'Phone of Anna', ip: '203.0.113.7', userAgent: 'Browser' };
    expect(inWords(eventOf('challenge.approved', { purpose: 'login', method: 'totp' }), words)).toEqual({
      what: 'Second step passed',
      about: ['Sign-in', 'Authenticator app'],
      from: [],
    });
    expect(inWords(eventOf('device.removed', { method: 'totp', personal }), words)).toMatchObject({
      about: ['Phone of Anna'],
      from: ['from 203.0.113.7', 'Browser'],
    });
  });

  test('is a file of proofs, each after one line for people, whatever people call their devices', async () => {
    const personal = { deviceName: 'Phone\nc2sp.org/tlog-proof@v1\r# \u2028' };
    const text = await fileOf(
      eventOf('device.verified', { personal }),
      eventOf('challenge.created', {}, null),
      eventOf('two_factor.enabled'),
    );
    const lines = text.split('\n').filter((line) => line !== '');
    expect(lines.filter((line) => !line.startsWith('# '))).toEqual(['a proof', 'a proof']);
    expect(lines.slice(-4)).toEqual([
      '# 2026-11-27T09:00:00.000001Z · Device added · Phone c2sp.org/tlog-proof@v1 # ',
      'a proof',
      '# 2026-11-27T09:00:00.000001Z · Two-factor authentication turned on',
      'a proof',
    ]);
  });
});
