import type { FC } from 'hono/jsx';
import { Hono } from 'hono';
import { Form } from './forms.js';
import { page } from './layout.js';
import { ofPerson } from './people.js';
import { perform } from './perform.js';
import { signedIn } from './security.js';
import type { Session } from './sessions.js';
import { changeSession, goTo, readForm, type Env, type PanelContext } from './site.js';
import type { Words } from './words/words.js';

type Props = { words: Words; codes: readonly string[]; to: string; error?: string | undefined };

/** Codes that are shown this once, and how to keep them. */
export const CodeList: FC<Props> = ({ words, codes, to, error }) => (
  <section aria-label={words.codes.title}>
    <p>{words.codes.shown}</p>
    <ol class="codes">
      {codes.map((code) => (
        <li>
          <code>{code}</code>
        </li>
      ))}
    </ol>
    <div class="row no-print">
      <Form to="/recovery-codes/download" data-stays>
        <input type="hidden" name="codes" value={codes.join('\n')} />
        <button type="submit" class="outline">
          {words.codes.download}
        </button>
      </Form>
      <button type="button" class="outline" data-print hidden>
        {words.codes.print}
      </button>
    </div>
    <Form to={to} class="no-print">
      <label>
        <input
          type="checkbox"
          name="saved"
          value="yes"
          {...(error === undefined ? {} : { 'aria-invalid': 'true', 'aria-describedby': 'about-saved' })}
        />{' '}
        {words.codes.saved}
      </label>
      {error !== undefined && (
        <small id="about-saved" role="alert">
          {error}
        </small>
      )}
      <button type="submit">{words.next}</button>
    </Form>
  </section>
);

function codesPage(c: PanelContext, codes: readonly string[], error?: string) {
  const { words } = c.var;
  return page(
    c,
    { title: words.codes.title, scripts: ['print.js'], ...(error === undefined ? {} : { status: 422 }) },
    <div class="narrow">
      <CodeList words={words} codes={codes} to="/recovery-codes/saved" error={error} />
    </div>,
  );
}

/** "I have saved them." */
export async function acknowledge(c: PanelContext, { person }: Session): Promise<void> {
  await c.var.site.doors.people.post('/v1/accounts/{accountId}/users/{userId}/recovery-codes/acknowledge', {
    params: { path: ofPerson(person) },
    language: c.var.language,
  });
}

export const recoveryCodes = new Hono<Env>()
  .get('/recovery-codes', (c) => {
    const codes = signedIn(c).recoveryCodes;
    return codes ? codesPage(c, codes) : c.redirect('/security', 303);
  })
  .post('/recovery-codes/new', (c) => perform(c, signedIn(c), { kind: 'new-recovery-codes' }))
  .post('/recovery-codes/saved', async (c) => {
    const session = signedIn(c);
    const { recoveryCodes: codes, next } = session;
    const { words } = c.var;
    if (!codes) return goTo(c, '/security', words.fault.ended, 'refused');
    const { saved } = await readForm(c);
    if (saved !== 'yes') return codesPage(c, codes, words.codes.savedNeeded);
    await acknowledge(c, session);
    changeSession(c, { recoveryCodes: null });
    return goTo(c, next === '/' ? '/security' : next, words.codes.thanks);
  })
  // Sent back as a file, so that it works without a script and no code is in an address.
  .post('/recovery-codes/download', async (c) => {
    const { codes = '' } = await readForm(c);
    const lines = codes.split(/\r?\n/).filter((line) => /^[A-Za-z0-9-]{1,40}$/.test(line));
    c.header('Content-Type', 'text/plain; charset=utf-8');
    c.header('Content-Disposition', `attachment; filename="${c.var.words.codes.file}"`);
    return c.body(`${lines.join('\n')}\n`);
  });
