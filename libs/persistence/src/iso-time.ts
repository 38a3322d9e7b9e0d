import { sql } from './statement.js';

/** A time as text (ISO 8601, UTC, milliseconds), as JavaScript writes it: for events and answers. */
export const isoTime = (time: string) => written(time, 'MS');

/** A time as text with all that PostgreSQL knows of it, microseconds: for what is hashed and signed. */
export const isoMicroseconds = (time: string) => written(time, 'US');

const written = (time: string, fraction: string) =>
  sql`to_char(${time} at time zone 'UTC', 'YYYY-MM-DD"T"HH24:MI:SS.${fraction}"Z"')`;
