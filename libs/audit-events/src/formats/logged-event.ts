/** As much of an event as formats of other people's tools have a place for. */
export interface LoggedEvent {
  readonly id: string;
  /** With the prefix of all types. */
  readonly type: string;
  /** ISO 8601 with microseconds. */
  readonly time: string;
  readonly sequence: number;
  readonly data: Readonly<Record<string, unknown>>;
}

/** A field of an event's data, or of what is personal in it, where it is text. */
export function textOf({ data }: LoggedEvent, name: string): string | undefined {
  const personal = data['personal'] as Readonly<Record<string, unknown>> | undefined;
  const value = data[name] ?? personal?.[name];
  return typeof value === 'string' ? value : undefined;
}
