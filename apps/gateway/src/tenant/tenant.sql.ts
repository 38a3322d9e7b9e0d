import { sql, statement } from '#persistence';

export const selectNames = statement<{ name: string; keyName: string }, { tenantId: string; apiKeyId: string }>(
  'tenant.show',
  ($) =>
    sql`select t.name, k.name as "keyName" from tenant t join api_key k on k.tenant_id = t.id where t.id = ${$.tenantId} and k.id = ${$.apiKeyId}`,
);
