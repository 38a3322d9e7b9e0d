import { sql, statement } from '#persistence';

export const selectLimits = statement<{ applications: string[] | null }, { deviceId: string }>(
  'proof.limits',
  ($) => sql`select applications from device where id = ${$.deviceId}`,
);
