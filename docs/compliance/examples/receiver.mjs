// WEBHOOK_SECRET=whsec_… node receiver.mjs: keeps each event once, as a file of the folder INBOX, and then says yes.
import { createHmac, timingSafeEqual } from 'node:crypto';
import { mkdirSync, renameSync, writeFileSync } from 'node:fs';
import { createServer } from 'node:http';

const { WEBHOOK_SECRET = '', INBOX = 'inbox', PORT = '8080' } = process.env;
const key = Buffer.from(WEBHOOK_SECRET.replace(/^whsec_/, ''), 'base64');
if (key.length < 16) throw new Error('WEBHOOK_SECRET is not set.');
mkdirSync(INBOX, { recursive: true });

function isGenuine({ 'webhook-id': id, 'webhook-timestamp': time, 'webhook-signature': signatures = '' }, body) {
  if (!/^[\w-]{1,100}$/.test(id) || !(Math.abs(Date.now() / 1000 - Number(time)) <= 300)) return false;
  const right = Buffer.from(`v1,${createHmac('sha256', key).update(`${id}.${time}.`).update(body).digest('base64')}`);
  const given = signatures.split(' ').map((each) => Buffer.from(each));
  return given.some((each) => each.length === right.length && timingSafeEqual(each, right));
}

async function receive(request, answer) {
  const parts = [];
  for await (const part of request) if (parts.push(part) > 1000) throw new Error('Too long.');
  const body = Buffer.concat(parts);
  if (!isGenuine(request.headers, body)) return answer.writeHead(401).end();
  const file = `${INBOX}/${request.headers['webhook-id']}.json`;
  writeFileSync(`${file}.new`, body, { flush: true });
  renameSync(`${file}.new`, file);
  return answer.writeHead(204).end();
}

const listener = (request, answer) => void receive(request, answer).catch(() => answer.destroy());
createServer(listener).listen(Number(PORT), '127.0.0.1');
