import { Injectable } from '@nestjs/common';
import type { EventData } from '#contracts';
import { event } from '#persistence';
import { eventsOf, type Caller } from '../http/caller.js';
import { CountedEvents } from '../http/counted-events.js';

/** How often a reader of the log is told anew. */
const everyMs = 600_000;

type Reading = EventData<'audit.read'>;

/** Has the log tell who read it. */
@Injectable()
export class AuditReads {
  constructor(private readonly events: CountedEvents) {}

  /**
   * @param shown sequences of the events that were shown, and whether what is personal in them was opened
   * @returns once the first reading of a while is written
   */
  note(caller: Caller, { sequences, personal }: { sequences: readonly number[]; personal: boolean }): Promise<void> {
    const kind = {
      key: ['audit.read', caller.apiKeyId, caller.actor].join(' '),
      everyMs,
      context: eventsOf(caller),
      join,
      event: (reading: Reading) => event('audit.read', reading),
    };
    return this.events.note(kind, {
      reads: 1,
      events: sequences.length,
      ...range(sequences),
      personal,
      since: new Date().toISOString(),
    });
  }
}

function range(sequences: readonly number[]): Pick<Reading, 'firstSequence' | 'lastSequence'> {
  return sequences.length === 0 ? {} : { firstSequence: Math.min(...sequences), lastSequence: Math.max(...sequences) };
}

function join(before: Reading, later: Reading): Reading {
  const ends = [before.firstSequence, before.lastSequence, later.firstSequence, later.lastSequence];
  return {
    reads: before.reads + later.reads,
    events: before.events + later.events,
    ...range(ends.filter((end) => end !== undefined)),
    personal: before.personal || later.personal,
    since: before.since,
  };
}
