import type { Doer } from '#persistence';

/** Who did it, in the events of what is done from the shell. */
export const operator: Doer = { apiKeyId: null, actor: 'operator' };
