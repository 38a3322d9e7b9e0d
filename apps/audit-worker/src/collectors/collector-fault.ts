import { untrustedCertificate } from '#runtime';

/** Why a collector has not taken events, by name. They are sent again. */
export const faults = {
  unreachable: 'It cannot be reached.',
  untrusted:
    'Its certificate is not trusted, or is for another name. Check caFile and the address in AUDIT_COLLECTORS.',
  certificate_refused: 'It does not accept the certificate of this worker, or asks for one.',
  late: 'It stopped taking data, or did not answer in time.',
  cut_off: 'It ended the connection before it had read everything.',
  token_refused: 'It does not accept the token.',
  redirects: 'It answered with a redirect, which is not followed. Correct its address in AUDIT_COLLECTORS.',
  failing: 'It answered that it cannot do it now.',
  refused: 'It does not accept the events.',
  answer_malformed: 'Its answer is not that of an HTTP event collector.',
  no_acknowledgement: 'It does not offer acknowledgements. Switch them on for the token, or set acknowledge to false.',
  not_acknowledged: 'It took the events and did not acknowledge them in time.',
} as const;

export type FaultReason = keyof typeof faults;

/** No acknowledgement this time: nothing is known to have arrived. */
export class CollectorFault extends Error {
  override name = 'CollectorFault';

  constructor(
    readonly reason: FaultReason,
    /** What it said: a status of HTTP, or what the system calls the fault. */
    readonly detail?: string | number,
  ) {
    super(faults[reason]);
  }
}

const certificateRefused = /ALERT_(?:BAD_|UNKNOWN_)?CERT|CERTIFICATE_REQUIRED|ALERT_UNKNOWN_CA|ALERT_HANDSHAKE_FAILURE/;

/** What a fault of a connection means. @param whole whether the connection stood already */
export function connectionFault(error: unknown, whole: boolean): CollectorFault {
  if (error instanceof CollectorFault) return error;
  const { code = 'unknown' } = error as NodeJS.ErrnoException;
  if (certificateRefused.test(code)) return new CollectorFault('certificate_refused', code);
  if (untrustedCertificate.test(code)) return new CollectorFault('untrusted', code);
  return new CollectorFault(whole ? 'cut_off' : 'unreachable', code);
}
