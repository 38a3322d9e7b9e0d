import { nameOf, meaningOf, type Meaning } from './meaning-of-events.js';
import { textOf, type LoggedEvent } from './logged-event.js';

const classes = {
  authentication: { class_uid: 3002, class_name: 'Authentication' },
  account: { class_uid: 3001, class_name: 'Account Change' },
} as const;

const severities = { 1: 'Informational', 2: 'Low', 3: 'Medium', 4: 'High' } as const;

/** OCSF 1.5 asks for a status: 0 where nothing is known. */
const statuses = {
  success: { status_id: 1, status: 'Success' },
  failure: { status_id: 2, status: 'Failure' },
  none: { status_id: 0, status: 'Unknown' },
} as const;

/**
 * An event in the Open Cybersecurity Schema Framework 1.5, classes Authentication [3002] and Account Change [3001]. Every
 * event has one; what has no place in the schema stands in `unmapped`.
 */
export function toOcsf(tenantId: string, event: LoggedEvent): object {
  const meaning = meaningOf(event);
  const { class_uid, class_name } = classes[meaning.class];
  const name = nameOf(event.type);
  const userAgent = textOf(event, 'userAgent');
  const ip = textOf(event, 'ip');
  return {
    category_uid: 3,
    category_name: 'Identity & Access Management',
    class_uid,
    class_name,
    activity_id: meaning.activity,
    ...(meaning.activity === 99 && { activity_name: name }),
    type_uid: class_uid * 100 + meaning.activity,
    time: Date.parse(event.time),
    severity_id: meaning.severity,
    severity: severities[meaning.severity],
    ...statuses[meaning.outcome ?? 'none'],
    ...detailOf(event),
    metadata: {
      version: '1.5.0',
      uid: event.id,
      sequence: event.sequence,
      event_code: name,
      tenant_uid: tenantId,
      ...(textOf(event, 'requestId') !== undefined && { correlation_uid: textOf(event, 'requestId') }),
      product: { name: 'Sallyport', vendor_name: 'Sallyport' },
    },
    user: { uid: textOf(event, 'userId') ?? 'unknown', ...accountOf(event) },
    ...authenticationOf(meaning, event),
    ...(textOf(event, 'actor') !== undefined && { actor: { user: { uid: textOf(event, 'actor') } } }),
    ...(ip !== undefined && { src_endpoint: { ip } }),
    ...(userAgent !== undefined && { http_request: { user_agent: userAgent } }),
    unmapped: event.data,
  };
}

function detailOf(event: LoggedEvent): object {
  const reason = textOf(event, 'reason');
  return reason === undefined ? {} : { status_detail: reason };
}

function accountOf(event: LoggedEvent): object {
  const uid = textOf(event, 'accountId');
  return uid === undefined ? {} : { org: { uid } };
}

function authenticationOf(meaning: Meaning, event: LoggedEvent): object {
  if (meaning.class !== 'authentication') return {};
  const application = textOf(event, 'application');
  return { is_mfa: true, ...(application !== undefined && { service: { name: application } }) };
}
