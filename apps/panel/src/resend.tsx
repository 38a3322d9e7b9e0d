import type { FC } from 'hono/jsx';
import type { Words } from './words/words.js';

/**
 * Another code. With a script the button waits as long as Sallyport would refuse it; without one it can be pressed, and
 * the refusal says how long to wait.
 * @param resendAt ms of `Date.now()`
 */
export const Resend: FC<{ words: Words; to: string; resendAt: number }> = ({ words, to, resendAt }) => {
  const seconds = Math.max(0, Math.ceil((resendAt - Date.now()) / 1000));
  const { resend, resendIn, noCode } = words.secondStep;
  return (
    <form method="post" action={to} class="resend">
      <p>{noCode}</p>
      <button type="submit" class="outline" data-wait={seconds} data-waiting={resendIn('{}')} data-ready={resend}>
        {resend}
      </button>
    </form>
  );
};
