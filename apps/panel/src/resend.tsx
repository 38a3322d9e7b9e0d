import type { FC, PropsWithChildren } from 'hono/jsx';
import { Form } from './forms.js';
import { wait } from './wait.js';
import type { Words } from './words/words.js';

/**
 * Another code. With a script the button waits as long as Sallyport would refuse it; without one it can be pressed, and
 * the refusal says how long to wait.
 * @param resendAt ms of `Date.now()`
 */
export const Resend: FC<PropsWithChildren<{ words: Words; to: string; resendAt: number }>> = ({
  words,
  to,
  resendAt,
  children,
}) => {
  const seconds = Math.max(0, Math.ceil((resendAt - Date.now()) / 1000));
  const { resend, resendIn, noCode } = words.secondStep;
  return (
    <Form to={to} class="resend">
      {children}
      <p>{noCode}</p>
      <button type="submit" class="outline" {...wait(seconds, resendIn, resend)}>
        {resend}
      </button>
    </Form>
  );
};
