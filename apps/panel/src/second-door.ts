import { ofPerson } from './people.js';
import type { Session } from './sessions.js';
import { beginSession, type PanelContext } from './site.js';

/**
 * Opens the second door. A proof is believed only as what it is signed for: this person, this challenge, a login, here.
 * @throws {SallyportError} `proof_invalid`
 */
export async function openSecondDoor(
  c: PanelContext,
  session: Session,
  challengeId: string,
  proof: string | undefined,
): Promise<void> {
  const { person, application } = session;
  const expected = { ...ofPerson(person), purpose: 'login' as const, challengeId, application };
  await c.var.site.doors.people.verifyProof(proof, expected);
  beginSession(c, { ...session, signedIn: true, check: null, enroll: null });
}
