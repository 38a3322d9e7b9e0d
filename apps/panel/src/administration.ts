import { Hono } from 'hono';
import { accounts } from './administration-accounts.js';
import { compliance } from './administration-compliance.js';
import { policy } from './administration-policy.js';
import { records } from './administration-records.js';
import { secondFactors } from './administration-second-factors.js';
import { users } from './administration-users.js';
import type { Env } from './site.js';

/** What `app.tsx` shows to administrators alone. */
export const administration = new Hono<Env>()
  .route('/', accounts)
  .route('/', users)
  .route('/', secondFactors)
  .route('/', records)
  .route('/', policy)
  .route('/', compliance);
