import { Hono } from 'hono';
import { Menu, Table, userPath } from './administration-parts.js';
import { page } from './layout.js';
import type { Env, PanelContext } from './site.js';
import { Time } from './times.js';

const profiles = { 'pci-dss': 'PCI DSS', nis2: 'NIS2', psd2: 'PSD2', nist: 'NIST SP 800-63B-4' } as const;
type Profile = keyof typeof profiles;

const profileOf = (c: PanelContext): Profile =>
  (Object.keys(profiles) as Profile[]).find((name) => name === c.req.query('profile')) ?? 'pci-dss';

function reportFor(c: PanelContext) {
  const { site, language } = c.var;
  const query = { profile: profileOf(c) };
  return site.doors.administration.get('/v1/compliance/report', { params: { query }, language });
}

/** Whether sets of rules are kept, and the signed report to hand on. */
export const compliance = new Hono<Env>()
  .get('/administration/compliance', async (c) => {
    const { words, language } = c.var;
    const own = words.administration.compliance;
    const profile = profileOf(c);
    const { report } = await reportFor(c);
    return page(
      c,
      { title: own.title },
      <>
        <Menu c={c} />
        <nav aria-label={own.rules} class="tabs">
          <ul>
            {Object.entries(profiles).map(([name, text]) => (
              <li>
                <a
                  href={`/administration/compliance?profile=${name}`}
                  {...(name === profile ? { 'aria-current': 'page' } : {})}
                >
                  {text}
                </a>
              </li>
            ))}
          </ul>
        </nav>
        <p>
          <strong>{own.statuses[report.status]}</strong> · {own.asOf} <Time at={report.asOf} language={language} />
        </p>
        <Table
          name={own.title}
          head={[own.control, own.result, own.found]}
          rows={report.controls.map(({ id, title, status, findings }) => [
            own.controls[id as keyof typeof own.controls] ?? title,
            own.statuses[status],
            <ul class="plain" lang="en">
              {findings.map(({ accountId, userId, setting, detail }) => (
                <li>
                  {accountId !== null && userId !== null && (
                    <a href={userPath(accountId, userId)}>{`${userId} (${accountId})`}</a>
                  )}
                  {[userId === null ? accountId : '', setting, detail].filter(Boolean).join(' · ')}
                </li>
              ))}
            </ul>,
          ])}
        />
        <p>
          <a href={`/administration/compliance/report.json?profile=${profile}`}>{own.download}</a>
        </p>
      </>,
    );
  })
  .get('/administration/compliance/report.json', async (c) => {
    const answer = await reportFor(c);
    c.header('content-disposition', `attachment; filename="compliance-${profileOf(c)}.json"`);
    return c.json(answer);
  });
