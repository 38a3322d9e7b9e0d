import { codeOf, optionalSetting } from '#runtime';

interface UsualPort {
  readonly setting: 'PANEL_PORT' | 'INBOX_PORT';
  readonly usual: number;
  /** Who listens there, as in "the panel". */
  readonly who: string;
  readonly say: (line: string) => void;
}

/**
 * Starts on the port that was asked for. Where none was, on the usual one, or on any that is free: nobody should have to
 * name a port to start a second Sallyport.
 */
export async function onUsualPort<T>(port: UsualPort, start: (port: number) => Promise<T>): Promise<T> {
  const { setting, usual, who, say } = port;
  const chosen = optionalSetting(setting);
  if (chosen !== undefined) return start(chosen);
  try {
    return await start(usual);
  } catch (error) {
    if (codeOf(error) !== 'EADDRINUSE') throw error;
    say(`Port ${usual} is in use: ${who} takes another one.`);
    return start(0);
  }
}
