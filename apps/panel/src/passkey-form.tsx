import type { FC, PropsWithChildren } from 'hono/jsx';
import { Form } from './forms.js';
import type { Words } from './words/words.js';

type Props = PropsWithChildren<{
  words: Words;
  to: string;
  /** For the browser, as Sallyport gave them. */
  options: object;
  kind: 'use' | 'create';
  error: string | undefined;
  /** Further attributes of its button. */
  button?: object;
}>;

/** Scripts of a page that has it. */
export const passkeyScripts = ['simplewebauthn.js', 'passkey.js'];

/**
 * The one thing here that needs a script: `passkey.js` asks the browser and sends what it says by this form. Its button waits for
 * the script: pressed before, it would send nothing.
 */
export const PasskeyForm: FC<Props> = ({ words, to, options, kind, error, button, children }) => (
  <Form to={to} data-passkey={kind} data-options={JSON.stringify(options)}>
    <p id="about-passkey">{kind === 'use' ? words.secondStep.passkeyAbout : words.add.passkeyAbout}</p>
    <input type="hidden" name="webauthn" />
    {children}
    <p class="notice refused" role="alert" data-failed={words.secondStep.passkeyFailed} hidden={error === undefined}>
      {error}
    </p>
    <button type="submit" disabled aria-describedby="about-passkey" {...button}>
      {kind === 'use' ? words.secondStep.usePasskey : words.add.createPasskey}
    </button>
    <noscript>
      <p class="notice refused">{words.secondStep.passkeyNeedsScript}</p>
    </noscript>
  </Form>
);
