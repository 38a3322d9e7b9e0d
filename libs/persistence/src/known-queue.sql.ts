import { sql, statement } from './statement.js';

export const readStore = statement<{ store: string }>('read-queue-store', sql`select store from known_queue`);
