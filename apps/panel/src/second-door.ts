import { ofPerson } from './people.js';
import type { Session } from './sessions.js';
import { beginSession, type PanelContext } from './site.js';

/**
 * Opens the second door. A proof is believed only as what it is signed for: this person, this challenge, a login, here.
 * @returns false where the login has been ended meanwhile, as by a reset
 * @throws {SallyportError} `proof_invalid`
 */
export async function openSecondDoor(
  c: PanelContext,
  session: Session,
  challengeId: string,
  proof: string | undefined,
): Promise<boolean> {
  const { person, login, admissions } = session;
  const { token, site } = c.var;
  if (!login) throw new TypeError('There is no login under way.');
  const { application } = login;
  const expected = { ...ofPerson(person), purpose: 'login' as const, challengeId, application };
  const { deviceId } = await site.doors.people.verifyProof(proof, expected);
  if (token === undefined || !site.sessions.find(token)) return false;
  const admission = { deviceId, challengeId };
  const opened = { ...session, admissions: { ...admissions, [application]: admission }, login: null, check: null };
  beginSession(c, opened, { succeeding: true });
  return true;
}
