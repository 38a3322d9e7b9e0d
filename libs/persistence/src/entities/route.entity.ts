import { defineEntity, p } from '@mikro-orm/core';

/** Up to when what became of codes has been counted, for each channel. Whoever counts on holds the row. */
export const RouteLearningEntity = defineEntity({
  name: 'RouteLearning',
  tableName: 'route_learning',
  properties: {
    channel: p.text().primary(),
    countedUntil: p.datetime(),
  },
});

/**
 * What is known of a route into a country, or (`*`) into all of them, and where it stands by that. Counts are of codes, with a
 * memory that fades, so they have fractions. Of no tenant and nobody.
 */
export const RouteScoreEntity = defineEntity({
  name: 'RouteScore',
  tableName: 'route_score',
  properties: {
    channel: p.text().primary(),
    country: p.text().primary(),
    route: p.text().primary(),
    position: p.integer(),
    state: p.text(),
    /** Since when it stands there. */
    since: p.datetime().defaultRaw('now()'),
    codes: p.double(),
    entered: p.double(),
    entryMs: p.double(),
    receipts: p.double(),
    receiptMs: p.double(),
    priced: p.double(),
    cost: p.double(),
    /** With a short memory, which sees a change first. */
    recentCodes: p.double(),
    recentEntered: p.double(),
  },
});
