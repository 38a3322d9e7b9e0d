import type { OwnEvents, ProvedEvent } from './answers.js';
import type { Words } from './words/words.js';

/** Where public keys are saved, as the command on the page names it. */
export const keysFile = 'audit-keys.txt';

/** What a person types to verify what they saved. */
export const verifyCommand = (words: Words) =>
  `npx sallyport-audit-verify --proof ${words.history.file} --keys ${keysFile}`;

const typePrefix = 'com.sallyport.';

/** What the log tells of an event besides its name; whatever is missing was not known. */
interface Told {
  readonly purpose?: string;
  readonly method?: string;
  readonly personal?: { readonly deviceName?: string; readonly ip?: string; readonly userAgent?: string };
}

const named = (names: Readonly<Record<string, string>>, name: string | undefined) =>
  name !== undefined && Object.hasOwn(names, name) ? names[name] : undefined;

/** An event in words: what happened, to which device or for what, and from where. */
export function inWords({ type, data }: ProvedEvent, words: Words) {
  const { history, methods } = words;
  const { purpose, method, personal = {} } = data as Told;
  const name = type.slice(typePrefix.length);
  return {
    // A Sallyport that is newer than this panel may tell of more.
    what: named(history.events, name) ?? `${history.other} (${name})`,
    about: [named(history.purposes, purpose), personal.deviceName ?? named(methods, method)].filter(
      (part) => part !== undefined,
    ),
    from: [...(personal.ip === undefined ? [] : [history.from(personal.ip)]), personal.userAgent].filter(
      (part) => part !== undefined,
    ),
  };
}

const forPeople = (text: string) => `# ${text.replace(/\s+/g, ' ')}\n`;

/**
 * The file that people keep: each proof, the newest first, after a line of what it proves.
 * @param pages of events, as Sallyport gives them
 */
export async function* historyFile(pages: AsyncIterable<OwnEvents>, words: Words): AsyncGenerator<string> {
  const { history } = words;
  yield [history.title, `${history.keysAbout} ${verifyCommand(words)}`, history.forPeople].map(forPeople).join('');
  for await (const { data } of pages) {
    for (const event of data) {
      if (event.proof === null) continue;
      const { what, about, from } = inWords(event, words);
      yield `\n${forPeople([event.time, what, ...about, ...from].join(' · '))}${event.proof}`;
    }
  }
}
