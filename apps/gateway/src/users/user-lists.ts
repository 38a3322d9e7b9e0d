import { Injectable } from '@nestjs/common';
import { Database } from '#persistence';
import { z } from 'zod';
import type { Caller } from '../http/caller.js';
import { decodeCursor, encodeCursor } from '../http/schemas.js';
import { noSuch } from '../refusals/refusals.js';
import { UserContext } from '../rows/user-row.js';
import { summaryOf, type UserSummary } from './user-summary.js';
import {
  countAccountUsers,
  countTenantUsers,
  listTenantUsersBySecondFactor,
  listUsers,
  listUsersBySecondFactor,
  secondFactors,
  type ListRow,
  type SecondFactor,
} from './users.sql.js';

export const secondFactor = z.enum(secondFactors).meta({
  description:
    '`enabled` or `disabled`: people who have two-factor authentication on or off. `service`: service users, who cannot have it',
});

export const userCounts = z
  .object({
    total: z.int(),
    enabled: z.int().meta({ description: 'People with two-factor authentication on' }),
    disabled: z.int().meta({ description: 'People with two-factor authentication off' }),
    service: z.int().meta({ description: 'Service users, who cannot have it' }),
  })
  .meta({ id: 'UserCounts' });
export type UserCounts = z.infer<typeof userCounts>;

interface Page {
  readonly cursor?: string | undefined;
  readonly limit: number;
}

/** Who is there, and who of them has a second factor. */
@Injectable()
export class UserLists {
  constructor(
    private readonly database: Database,
    private readonly users: UserContext,
  ) {}

  /** @throws {Problem} `not_found` */
  async ofAccount(caller: Caller, accountId: string, query: Page & { twoFactor?: SecondFactor | undefined }) {
    const { twoFactor } = query;
    const asked = { tenantId: caller.tenantId, accountId, ...placeOf(query) };
    const found =
      twoFactor === undefined
        ? await this.database.query(listUsers, asked)
        : await this.database.query(listUsersBySecondFactor, { ...asked, secondFactor: twoFactor });
    if (found.length === 0) throw noSuch('account');
    const rows = found.filter((row) => row.userRef !== null) as ListRow[];
    return this.page(
      rows.map((row) => ({ accountId, ...row })),
      query,
    );
  }

  async ofTenant(caller: Caller, query: Page & { twoFactor: SecondFactor }) {
    const asked = { tenantId: caller.tenantId, secondFactor: query.twoFactor, ...placeOf(query) };
    return this.page(await this.database.query(listTenantUsersBySecondFactor, asked), query);
  }

  /** @throws {Problem} `not_found` */
  async counts({ tenantId }: Caller, accountId: string | undefined): Promise<UserCounts> {
    const rows =
      accountId === undefined
        ? await this.database.query(countTenantUsers, { tenantId })
        : await this.database.query(countAccountUsers, { tenantId, accountId });
    if (accountId !== undefined && rows.length === 0) throw noSuch('account');
    const of = (one: SecondFactor) => rows.find(({ secondFactor }) => secondFactor === one)?.users ?? 0;
    const [enabled, disabled, service] = [of('enabled'), of('disabled'), of('service')];
    return { total: enabled + disabled + service, enabled, disabled, service };
  }

  private page(rows: readonly (ListRow & { readonly accountId: string })[], { limit }: Page) {
    const page = rows.slice(0, limit);
    const last = rows.length > limit ? page.at(-1) : undefined;
    const data: UserSummary[] = page.map((row) => summaryOf(this.users, row));
    return { data, nextCursor: last ? encodeCursor(last.userRef) : null };
  }
}

const placeOf = ({ cursor, limit }: Page) => ({ after: decodeCursor(cursor) ?? '', limit: limit + 1 });
