import type { FC, PropsWithChildren } from 'hono/jsx';
import type { Device } from './answers.js';
import { Form } from './forms.js';
import { wait } from './wait.js';
import type { Words } from './words/words.js';

interface ResendProps {
  words: Words;
  /** Of the device that the code is sent to. */
  method: Device['method'];
  to: string;
  /** ms of `Date.now()` */
  resendAt: number;
}

/**
 * Another code. With a script the button waits as long as Sallyport would refuse it; without one it can be pressed, and
 * the refusal says how long to wait.
 */
export const Resend: FC<PropsWithChildren<ResendProps>> = ({ words, method, to, resendAt, children }) => {
  const seconds = Math.max(0, Math.ceil((resendAt - Date.now()) / 1000));
  const { resend, resendIn, noCode } = words.secondStep;
  return (
    <Form to={to} class="resend">
      {children}
      <p>{method === 'email' ? noCode.email : noCode.sms}</p>
      <button type="submit" class="outline" {...wait(seconds, resendIn, resend)}>
        {resend}
      </button>
    </Form>
  );
};
