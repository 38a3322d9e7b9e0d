import type { FC } from 'hono/jsx';
import type { Device, User } from './answers.js';
import type { PanelContext } from './site.js';
import { dateOf, WithTime } from './times.js';

/** Whether two-factor authentication is on, and since when. */
export const TwoFactorState: FC<{ c: PanelContext; user: User }> = ({ c, user }) => {
  const { words, language } = c.var;
  const { status, since } = user.twoFactor;
  const on = status === 'enabled';
  return (
    <p>
      <strong class={on ? 'state on' : 'state off'}>{on ? words.security.on : words.security.off}</strong>{' '}
      {since !== null && words.security.since(dateOf(since, language))}
    </p>
  );
};

/** What keeps a device from being used: the policy, a lock, the SMS of the day. */
export const DeviceLimits: FC<{ c: PanelContext; device: Device }> = ({
  c,
  device: { allowed, lockedUntil, quota },
}) => {
  const { words, language } = c.var;
  return (
    <>
      {!allowed && <span>{words.security.notAllowed}</span>}
      {lockedUntil !== null && (
        <span>
          <WithTime text={words.security.locked} at={lockedUntil} language={language} />
        </span>
      )}
      {quota && <span>{words.security.smsLeft(quota.limit - quota.used, quota.limit)}</span>}
    </>
  );
};
