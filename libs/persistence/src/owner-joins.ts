import { sql } from './statement.js';

/** `app_user u` and its `account a`, joined to a row by its column with our id of the user. */
export const joinOwner = (userRef: string) =>
  sql`join app_user u on u.id = ${userRef} join account a on a.id = u.account_id`;

/** The same with `tenant t`: the user's, or that of the row. */
export const joinOwnerAndTenant = (userRef: string, tenantId = 'u.tenant_id') =>
  sql`${joinOwner(userRef)} join tenant t on t.id = ${tenantId}`;

/** What follows `from` where a query begins with the user. */
export const userTables = sql`app_user u join account a on a.id = u.account_id join tenant t on t.id = u.tenant_id`;
