import { isIP } from 'node:net';
import { eventNamesOf } from '#audit-events';
import { optionalSetting, readSettingFile, SettingsError, withoutSlash } from '#runtime';
import { z } from 'zod';
import { facilities, type Facility } from './syslog-message.js';

const pushFormats = ['cef', 'ocsf', 'cloudevents', 'ndjson'] as const;
export type PushFormat = (typeof pushFormats)[number];

/** A text that stands in a line of syslog as it is: printable ASCII without spaces. */
const printable = (most: number) =>
  z
    .string()
    .regex(/^[!-~]+$/, 'must be ASCII without spaces')
    .max(most);

const typesFilter = z
  .string()
  .refine((text) => eventNamesOf(text).length > 0, 'must be an event type, or a prefix such as device.*');

const shared = {
  name: z.string().regex(/^[a-z0-9][a-z0-9_-]{0,63}$/, 'must be 1 to 64 of a-z, 0-9, _ and -'),
  tenants: z.array(z.string().min(1)).min(1).optional(),
  types: z.array(typesFilter).min(1).optional(),
  from: z.enum(['beginning', 'now']).default('now'),
  caFile: z.string().min(1).optional(),
  certificateFile: z.string().min(1).optional(),
  keyFile: z.string().min(1).optional(),
};
const maxBytes = z.int().min(2048).max(1_048_576);

const syslogEntry = z.strictObject({
  ...shared,
  kind: z.literal('syslog'),
  host: z.string().min(1),
  port: z.int().min(1).max(65_535).default(6514),
  format: z.enum(pushFormats).default('ocsf'),
  facility: z.enum(Object.keys(facilities) as [Facility, ...Facility[]]).default('authpriv'),
  hostname: printable(255).optional(),
  structuredDataId: printable(32)
    .regex(/^[^="\]]+@\d+$/, 'must be name@enterprise number')
    .default('sallyport@32473'),
  maxBytes: maxBytes.default(8192),
});

/** Tokens go over no wire in the clear, but within the machine. */
function isSafeUrl(text: string): boolean {
  if (!URL.canParse(text)) return false;
  const { protocol, hostname, username, password, search, hash } = new URL(text);
  if (`${username}${password}${search}${hash}` !== '') return false;
  const isLocal =
    hostname === 'localhost' || hostname === '[::1]' || (isIP(hostname) === 4 && hostname.startsWith('127.'));
  return protocol === 'https:' || (protocol === 'http:' && isLocal);
}

const hecEntry = z.strictObject({
  ...shared,
  kind: z.literal('hec'),
  url: z
    .string()
    .refine(isSafeUrl, 'must be an https:// address without password, query and fragment (http:// on localhost only)')
    .transform(withoutSlash),
  tokenFile: z.string().min(1),
  format: z.enum(pushFormats).default('ocsf'),
  acknowledge: z.boolean().default(true),
  gzip: z.boolean().default(false),
  index: z.string().min(1).max(255).optional(),
  sourcetype: z.string().min(1).max(255).optional(),
  maxBytes: maxBytes.default(65_536),
});

const entry = z.discriminatedUnion('kind', [syslogEntry, hecEntry]);
type Entry = z.infer<typeof entry>;

/** What a TLS connection is made with. */
export interface TlsFiles {
  readonly ca?: string;
  readonly cert?: string;
  readonly key?: string;
}

/** What both kinds have: which events a collector gets, and how. */
interface Wanted {
  readonly name: string;
  readonly format: PushFormat;
  /** Bytes of an event's text; a longer one is sent shortened. */
  readonly maxBytes: number;
  /** All where left out. */
  readonly tenants?: readonly string[] | undefined;
  /** Names of events, without their prefix; all where left out. */
  readonly types?: ReadonlySet<string> | undefined;
  /** Where it begins in the logs that there are when it is first seen. */
  readonly from: 'beginning' | 'now';
  readonly tls: TlsFiles;
}
export type SyslogSettings = Wanted & Omit<z.infer<typeof syslogEntry>, keyof Wanted>;
export type HecSettings = Wanted & Omit<z.infer<typeof hecEntry>, keyof Wanted> & { readonly token: string };
export type CollectorSettings = SyslogSettings | HecSettings;

/**
 * The collectors that the file of AUDIT_COLLECTORS names; none where it is left out.
 * @throws {SettingsError}
 */
export function readCollectors(): CollectorSettings[] {
  const path = optionalSetting('AUDIT_COLLECTORS');
  return path === undefined ? [] : parseCollectors(readSettingFile('AUDIT_COLLECTORS', path));
}

/**
 * @param text JSON: a list of collectors
 * @throws {SettingsError} naming the collector that is wrong; never a value of it
 */
export function parseCollectors(text: string): CollectorSettings[] {
  const list = parseJson(text);
  if (!Array.isArray(list))
    throw new SettingsError('AUDIT_COLLECTORS: the file must hold a list of collectors, in JSON.');
  const all = list.map((each, index) => parseEntry(each, index + 1));
  const names = all.map(({ name }) => name);
  const twice = names.find((name, index) => names.indexOf(name) !== index);
  if (twice !== undefined) throw new SettingsError(`AUDIT_COLLECTORS: two collectors have the name ${twice}.`);
  return all;
}

function parseJson(text: string): unknown {
  try {
    return JSON.parse(text);
  } catch {
    return undefined;
  }
}

function parseEntry(value: unknown, number: number): CollectorSettings {
  const result = entry.safeParse(value);
  if (!result.success) {
    const [issue] = result.error.issues;
    const place = issue?.path.join('.');
    throw new SettingsError(`AUDIT_COLLECTORS: collector ${number}: ${place ? `${place}: ` : ''}${issue?.message}.`);
  }
  const { types, ...rest } = result.data;
  const wanted = { ...rest, types: types && new Set(types.flatMap(eventNamesOf)), tls: readTls(result.data) };
  return wanted.kind === 'hec' ? { ...wanted, token: readToken(wanted.tokenFile) } : wanted;
}

function readTls({ name, caFile, certificateFile, keyFile }: Entry): TlsFiles {
  if ((certificateFile === undefined) !== (keyFile === undefined))
    throw new SettingsError(`AUDIT_COLLECTORS: ${name} needs certificateFile and keyFile, or neither.`);
  const read = (file: string) => readSettingFile('AUDIT_COLLECTORS', file);
  return {
    ...(caFile !== undefined && { ca: read(caFile) }),
    ...(certificateFile !== undefined && { cert: read(certificateFile) }),
    ...(keyFile !== undefined && { key: read(keyFile) }),
  };
}

function readToken(file: string): string {
  const token = readSettingFile('AUDIT_COLLECTORS', file).trim();
  if (!/^[!-~]+$/.test(token)) throw new SettingsError(`AUDIT_COLLECTORS: ${file} holds no token.`);
  return token;
}
