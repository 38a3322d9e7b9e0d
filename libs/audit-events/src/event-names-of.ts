import { eventNames, eventTypePrefix, type EventName } from '#contracts';

/** The events that a type means, with or without the prefix of all types, or `challenge.*`; none where it is unknown. */
export function eventNamesOf(type: string): EventName[] {
  const name = type.startsWith(eventTypePrefix) ? type.slice(eventTypePrefix.length) : type;
  const prefix = /^([a-z_]+\.)+\*$/.test(name) ? name.slice(0, -1) : null;
  return eventNames.filter((each) => (prefix === null ? each === name : each.startsWith(prefix)));
}
