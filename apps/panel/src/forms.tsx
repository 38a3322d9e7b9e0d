import { randomUUID } from 'node:crypto';
import type { FC, PropsWithChildren } from 'hono/jsx';
import type { PanelContext } from './site.js';
import type { Words } from './words/words.js';

type FieldProps = {
  label: string;
  name: string;
  hint?: string | undefined;
  error?: string | undefined;
  [attribute: string]: unknown;
};

/**
 * An input with its label, and beneath it what is expected or what was wrong: described by that, not named by it, so that
 * it is read out once.
 */
export const Field: FC<FieldProps> = ({ label, name, hint, error, ...input }) => {
  const about = error ?? hint;
  const id = `field-${name}`;
  const aboutId = `about-${name}`;
  return (
    <>
      <label for={id}>{label}</label>
      <input
        id={id}
        name={name}
        {...input}
        {...(error === undefined ? {} : { 'aria-invalid': 'true' })}
        {...(about === undefined ? {} : { 'aria-describedby': aboutId })}
      />
      {about !== undefined && (
        <small id={aboutId} {...(error === undefined ? {} : { role: 'alert' })}>
          {about}
        </small>
      )}
    </>
  );
};

/** What stood in a field of a form that was refused. */
export const filledIn = (c: PanelContext, name: string): string | undefined => c.var.notice?.form?.values[name];

/** What a field shows again of a form that was refused. */
export function again(c: PanelContext, name: string): { value: string | undefined; error: string | undefined } {
  const { notice } = c.var;
  const toBlame = notice?.form?.field === name;
  if (toBlame) c.set('saidByField', true);
  return { value: filledIn(c, name), error: toBlame ? notice.text : undefined };
}

/** Six digits. Phones offer the code of a message that has just come. What is pasted is cleaned when it comes. */
export const CodeField: FC<{ words: Words; hint: string; error?: string | undefined }> = ({ words, hint, error }) => (
  <Field
    label={words.secondStep.code}
    name="code"
    hint={hint}
    error={error}
    inputmode="numeric"
    autocomplete="one-time-code"
    maxlength={100}
    required
    autofocus
    class="code"
  />
);

type FormProps = PropsWithChildren<{ to: string; [attribute: string]: unknown }>;

/** Every form has a key of its own, by which two presses of its button are known as one: see `Presses`. */
export const Form: FC<FormProps> = ({ to, children, ...more }) => (
  <form method="post" action={to} {...more}>
    <input type="hidden" name="key" value={randomUUID()} />
    {children}
  </form>
);

/** A button that is a form of its own. */
export const Act: FC<PropsWithChildren<{ to: string; class?: string }>> = ({ to, children, ...more }) => (
  <Form to={to} class="act">
    <button type="submit" {...more}>
      {children}
    </button>
  </Form>
);
