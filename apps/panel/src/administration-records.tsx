import { Hono } from 'hono';
import { Menu, Table } from './administration-parts.js';
import { page } from './layout.js';
import type { Env, PanelContext } from './site.js';
import { Time } from './times.js';

/** What the lists may be narrowed to. */
const queryOf = (c: PanelContext) => {
  const { accountId, userId } = c.req.query();
  return { ...(accountId ? { accountId } : {}), ...(userId ? { userId } : {}) };
};

/** What was sent, and what was done. */
export const records = new Hono<Env>()
  .get('/administration/deliveries', async (c) => {
    const { words, site, language } = c.var;
    const own = words.administration;
    const { data } = await site.doors.administration.get('/v1/deliveries', {
      params: { query: { ...queryOf(c), limit: 50 } },
      language,
    });
    return page(
      c,
      { title: own.deliveries },
      <>
        <Menu c={c} />
        {data.length === 0 ? (
          <p>{own.noDeliveries}</p>
        ) : (
          <Table
            name={own.deliveries}
            head={[own.when, own.to, own.channel, own.status, own.attempts]}
            rows={data.map((delivery) => [
              <Time at={delivery.createdAt} language={language} />,
              `${delivery.userId} (${delivery.accountId})`,
              `${delivery.channel} · ${delivery.kind}`,
              delivery.error === null ? delivery.status : `${delivery.status}: ${delivery.error}`,
              <ol class="plain">
                {delivery.attempts.map(({ provider, outcome, startedAt, error }) => (
                  <li>
                    {provider} · <Time at={startedAt} language={language} /> · {error ?? outcome ?? '…'}
                  </li>
                ))}
              </ol>,
            ])}
          />
        )}
      </>,
    );
  })
  .get('/administration/audit', async (c) => {
    const { words, site, language } = c.var;
    const own = words.administration;
    const after = c.req.query('after');
    const { data, nextCursor } = await site.doors.administration.get('/v1/audit/events', {
      params: { query: { ...queryOf(c), limit: 50, ...(after === undefined ? {} : { after }) } },
      language,
    });
    const further = new URLSearchParams({ ...queryOf(c), after: nextCursor ?? '' });
    return page(
      c,
      { title: own.audit },
      <>
        <Menu c={c} />
        {data.length === 0 ? (
          <p>{own.noEvents}</p>
        ) : (
          <Table
            name={own.audit}
            head={[own.when, own.event, own.to, own.about]}
            rows={data.map(({ time, type, data: facts }) => [
              <Time at={time} language={language} />,
              type.replace('com.sallyport.', ''),
              'userId' in facts ? String(facts['userId']) : '',
              <code>{JSON.stringify(facts)}</code>,
            ])}
          />
        )}
        {nextCursor !== null && <a href={`/administration/audit?${further}`}>{own.newer}</a>}
      </>,
    );
  });
