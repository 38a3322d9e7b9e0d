/** A message of RFC 5424, read apart from what writes it. */
export interface SyslogMessage {
  readonly facility: number;
  readonly severity: number;
  readonly time: string;
  readonly hostname: string;
  readonly app: string;
  readonly messageId: string;
  readonly structured: Readonly<Record<string, Readonly<Record<string, string>>>>;
  /** Whether a BOM says that it is UTF-8. */
  readonly isMarked: boolean;
  readonly text: string;
}

const header =
  /^<(\d{1,3})>1 (\d{4}-\d\d-\d\dT\d\d:\d\d:\d\d(?:\.\d{1,6})?(?:Z|[+-]\d\d:\d\d)) ([!-~]{1,255}) ([!-~]{1,48}) ([!-~]{1,128}) ([!-~]{1,32}) /;
const param = /^ ([!-~]{1,32}?)="((?:[^"\\\]]|\\["\\\]])*)"/;

/** @throws where it is none */
export function parseSyslog(line: string): SyslogMessage {
  const found = header.exec(line);
  if (!found) throw new Error(`No message of RFC 5424: ${line.slice(0, 200)}`);
  const [whole, priority, time = '', hostname = '', app = '', , messageId = ''] = found;
  let rest = line.slice(whole.length);
  const structured: Record<string, Record<string, string>> = {};
  if (rest.startsWith('-')) rest = rest.slice(1);
  while (rest.startsWith('[')) {
    const [start = '', id = ''] = /^\[([^\s="\]]{1,32})/.exec(rest) ?? [];
    rest = rest.slice(start.length);
    const params: Record<string, string> = {};
    for (let next = param.exec(rest); next; next = param.exec(rest)) {
      params[next[1] ?? ''] = (next[2] ?? '').replaceAll(/\\(["\\\]])/g, '$1');
      rest = rest.slice(next[0].length);
    }
    if (id === '' || !rest.startsWith(']')) throw new Error('Its structured data does not end.');
    rest = rest.slice(1);
    structured[id] = params;
  }
  if (!rest.startsWith(' ')) throw new Error('There is no space before its text.');
  const isMarked = rest.startsWith(' \ufeff');
  const text = rest.slice(isMarked ? 2 : 1);
  const [facility, severity] = [Math.floor(Number(priority) / 8), Number(priority) % 8];
  return { facility, severity, time, hostname, app, messageId, structured, isMarked, text };
}

/** The messages of a stream with octet counting (RFC 5425, section 4.3). */
export function readFrames(stream: Buffer): string[] {
  const messages: string[] = [];
  for (let at = 0; at < stream.length;) {
    const space = stream.indexOf(' ', at);
    const digits = stream.toString('latin1', at, space);
    if (!/^[1-9]\d*$/.test(digits)) throw new Error(`No length where a frame begins: ${digits.slice(0, 40)}`);
    const end = space + 1 + Number(digits);
    if (end > stream.length) throw new Error('The last frame is cut.');
    messages.push(stream.toString('utf8', space + 1, end));
    at = end;
  }
  return messages;
}
