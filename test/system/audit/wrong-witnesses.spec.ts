import { generateKeyPairSync } from 'node:crypto';
import type { ServerResponse } from 'node:http';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import { describe, expect, jest, test } from '@jest/globals';
import {
  formatSignatures,
  openCheckpoint,
  parseWitnessRequest,
  signingKey,
  signNote,
  type SigningKey,
} from '#audit-log';
import { answering, ask, cosignedBy, cosigners, newestNote, policyOf, until } from '../../support/cosigned-log.js';
import { errors, happen, lines, sign, sql } from '../../support/signed-log.js';

jest.setTimeout(60_000);

const newKey = (name = 'witness.example/w9') =>
  signingKey(name, 'cosignature/v1', generateKeyPairSync('ed25519').privateKey);
const key = newKey();
const seconds = 1_795_770_000;

/** What a witness would answer that believes everything. */
function cosignature(request: string, by: SigningKey = key, change = (note: string) => note): string {
  const note = parseWitnessRequest(request).checkpoint;
  const whole = note.slice(0, note.indexOf('\n\n') + 1);
  return formatSignatures(signNote(change(whole), [by], seconds).signatures);
}

type Answer = (response: ServerResponse, request: string) => unknown;
const say =
  (status: number, body: string | ((request: string) => string) = '', headers = {}): Answer =>
  (response, request) =>
    response.writeHead(status, headers).end(typeof body === 'string' ? body : body(request));

const endless: Answer = (response) => {
  response.on('error', () => undefined).on('drain', () => response.write(Buffer.alloc(65_536, '— ')));
  response.write(Buffer.alloc(1_000_000, '— '));
};

describe('a witness whose answers are wrong gets nothing kept, is told of in clear words, and asked again', () => {
  test.each<[string, string, Answer]>([
    ['of another key', 'no cosignature by its key', say(200, (request) => cosignature(request, newKey()))],
    ['of another name', 'no cosignature by its key', say(200, (request) => cosignature(request, newKey('witness.x')))],
    [
      'of another text',
      'does not verify',
      say(200, (request) => cosignature(request, key, (note) => note.replace('\n3\n', '\n4\n'))),
    ],
    [
      'cut by a bit',
      'does not verify',
      say(200, (request) => {
        const [dash, name, base = ''] = cosignature(request).trim().split(' ');
        const bytes = Buffer.from(base, 'base64');
        bytes[bytes.length - 1] = (bytes.at(-1) ?? 0) ^ 1;
        return `${dash} ${name} ${bytes.toString('base64')}\n`;
      }),
    ],
    ['garbage', 'is no cosignature', say(200, '<html>It works!</html>')],
    ['binary', 'is no cosignature', (response) => response.end(Buffer.from([0xff, 0, 0xfe, 10]))],
    ['empty', 'is no cosignature', say(200)],
    ['endless', 'too long', endless],
    ['a redirect', 'redirect, which is not followed', say(307, '', { location: 'http://127.0.0.1:1/add-checkpoint' })],
    ['500', 'cannot do it now', say(500, 'Internal Server Error')],
    ['429', 'cannot do it now', say(429)],
    ['403', 'does not watch this log', say(403)],
    ['404', 'does not watch this log', say(404)],
    ['400', 'does not accept', say(400)],
    ['a size that is none', 'is no cosignature', say(409, 'a million\n')],
    ['cut off', 'cannot be reached', (response) => response.destroy()],
    ['nothing for ever', 'did not answer in time', () => undefined],
    ['a byte now and then', 'did not answer in time', drip],
  ])('%s', async (_, words, wrong) => {
    let answer = wrong;
    const asked: string[] = [];
    const { url } = await answering(async (request, response) => {
      asked.push(request.url ?? '');
      answer(response, await text(request));
    });
    await happen(3);
    await sign();
    const { cosigning } = ask([{ key, url }]);
    await until('it is told', () => cosigning.missing === 1);
    expect(cosigning.health()).toMatchObject({
      others: { witnessing: false },
      reasons: [expect.stringMatching(new RegExp(`^the witness ${key.name} does not cosign 1 log.*${words}`))],
    });
    expect(await cosigners(3)).toEqual([]);
    // Signing goes on.
    await happen(2);
    expect(await sign()).toBe(1);
    answer = say(200, (request) => cosignature(request));
    await cosignedBy(5, 1);
    expect(openCheckpoint(await newestNote(), policyOf([{ key }])).cosignatures).toHaveLength(1);
    await until('that it is well is told', () => cosigning.missing === 0);
    expect(new Set(asked)).toEqual(new Set(['/add-checkpoint']));
    expect(errors()).toEqual([]);
    expect(lines.filter((line) => line.includes('"level":40'))).toHaveLength(1);
    expect(await sql(`select from event where type = 'audit.cosignature_refused'`)).toEqual([]);
  });

  test('for one log only: the others are cosigned meanwhile', async () => {
    const { url } = await answering(async (request, response) => {
      const body = await text(request);
      if (body.includes('/tnt_1\n')) response.destroy();
      else response.end(cosignature(body));
    });
    for (const tenantId of ['tnt_1', 'tnt_2']) await happen(3, tenantId);
    await sign();
    const { cosigning } = ask([{ key, url: `${url}/a/path` }]);
    for (const size of [3, 6, 9]) {
      await cosignedBy(size, 1, 'tnt_2');
      // Nothing but the log in trouble is waiting: its pauses are no other's.
      await sleep(1500);
      for (const tenantId of ['tnt_1', 'tnt_2']) await happen(3, tenantId);
      await sign();
      cosigning.wake();
    }
    expect([await cosigners(3), cosigning.missing]).toEqual([[], 1]);
  });

  test('a process that ends does not wait for a witness', async () => {
    const { url } = await answering(() => undefined);
    await happen(1);
    await sign();
    const { stop } = ask([{ key, url }]);
    const late = AbortSignal.timeout(5000);
    await stop();
    expect(late.aborted).toBe(false);
    expect(lines.filter((line) => line.includes('"level":40'))).toEqual([]);
  });
});

function drip(response: ServerResponse): void {
  const timer = setInterval(() => response.write('—'), 200);
  response.on('error', () => undefined).on('close', () => clearInterval(timer));
}
