import { defineEntity, p } from '@mikro-orm/core';
import { UserEntity } from './tenancy.entity.js';

/** When a user was last told of a pattern of wrong codes on their account: once an hour is enough. */
export const AccountPatternNoticeEntity = defineEntity({
  name: 'AccountPatternNotice',
  tableName: 'account_pattern_notice',
  properties: {
    user: p.oneToOne(UserEntity).mapToPk().fieldName('user_id').primary().deleteRule('cascade'),
    noticedAt: p.datetime(),
  },
});
