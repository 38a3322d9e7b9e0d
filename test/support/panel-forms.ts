import { afterAll, beforeAll, beforeEach, expect } from '@jest/globals';
import { formsOf, startPanelPeople, type PanelPeople, type Someone } from './panel-people.js';
import type { Page, Visitor } from './visitor.js';

/** Forms of the panel, sent as often as a test says, for the file that imports this. */

/** A button that is pressed twice, an answer that is lost, a second tab: what people do to the panel where it is slow. */
export let people: PanelPeople;
export let visitor: Visitor;
export const phone = '+31612345601';

beforeAll(async () => {
  people = await startPanelPeople();
}, 300_000);
afterAll(() => people?.stop());
beforeEach(async () => {
  visitor = people.guest();
  await people.call('PUT', '/v1/policy', { code: { resendAfterSeconds: 0 } });
});

/** The form of a page that leads somewhere, filled in. */
export async function fill(who: Visitor, page: string, action: string, fields: Record<string, string> = {}) {
  const form = formsOf((await who.get(page)).text).find((found) => found.action.split('?')[0] === action);
  if (!form) throw new Error(`${page} has no form for ${action}.`);
  return { action: form.action, fields: { ...form.hidden, ...fields } };
}
type Filled = Awaited<ReturnType<typeof fill>>;

export const send = (who: Visitor, { action, fields }: Filled) => who.post(action, fields);

/** Presses twice at once: the browser waits for the second answer only. @returns what both led to, which is the same */
export async function pressTwice(who: Visitor, form: Filled): Promise<Page> {
  const lost = people.guest();
  for (const [name, value] of who.cookies) lost.cookies.set(name, value);
  const [first, second] = await Promise.all([send(lost, form), send(who, form)]);
  expect([second.status, second.location, second.text]).toEqual([first.status, first.location, first.text]);
  expect(who.cookies.get('session')).toBe(lost.cookies.get('session'));
  return second;
}

/** Presses, loses the answer, and presses again by loading the page anew. */
export async function pressAgain(who: Visitor, form: Filled): Promise<Page> {
  const before = new Map(who.cookies);
  const first = await send(who, form);
  who.cookies.clear();
  for (const [name, value] of before) who.cookies.set(name, value);
  const second = await send(who, form);
  expect([second.status, second.location, second.text]).toEqual([first.status, first.location, first.text]);
  return second;
}

export const userOf = async ({ path }: Pick<Someone, 'path'>) => (await people.call('GET', path)).body;
export const bob = { path: '/v1/accounts/harbour/users/bob' };
export const codesTo = async (to: string) =>
  (await people.system.messages(to)).filter(({ body }) => /^\d{6}\b/.test(body)).length;
