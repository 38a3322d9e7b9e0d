import type { FC } from 'hono/jsx';
import type { Language } from './words/words.js';

export function dateOf(time: string, language: Language): string {
  return new Intl.DateTimeFormat(language, { dateStyle: 'medium', timeZone: 'UTC' }).format(new Date(time));
}

/**
 * A point of time. The panel can't know where its reader is: without a script it is shown as UTC and says so; `times.js`
 * makes it the reader's own.
 */
export const Time: FC<{ at: string; language: Language }> = ({ at, language }) => (
  <time datetime={at}>
    {new Intl.DateTimeFormat(language, {
      day: 'numeric',
      month: 'short',
      hour: '2-digit',
      minute: '2-digit',
      hourCycle: 'h23',
      timeZone: 'UTC',
      timeZoneName: 'short',
    }).format(new Date(at))}
  </time>
);

/** Words with a point of time in them. */
export const WithTime: FC<{ text: (time: string) => string; at: string; language: Language }> = ({ text, ...time }) => {
  const [before, after] = text('{}').split('{}');
  return (
    <>
      {before}
      <Time {...time} />
      {after}
    </>
  );
};
