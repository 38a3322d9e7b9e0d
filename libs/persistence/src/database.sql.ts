import { sql, statement } from './statement.js';

export const currentTime = statement<{ now: Date }>('current-time', sql`select clock_timestamp() as now`);
