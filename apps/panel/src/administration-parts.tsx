import type { Child } from 'hono/jsx';
import type { PanelContext } from './site.js';

/** What the pages of the administration share. */

export const Menu = ({ c }: { c: PanelContext }) => {
  const { administration } = c.var.words;
  const path = new URL(c.req.url).pathname;
  const pages = [
    ['/administration', administration.accounts],
    ['/administration/two-factor', administration.twoFactor],
    ['/administration/deliveries', administration.deliveries],
    ['/administration/audit', administration.audit],
    ['/administration/policy', administration.policy],
    ['/administration/compliance', administration.compliance.title],
  ] as const;
  return (
    <nav aria-label={administration.title} class="tabs">
      <ul>
        {pages.map(([to, text]) => (
          <li>
            <a href={to} {...(to === path ? { 'aria-current': 'page' } : {})}>
              {text}
            </a>
          </li>
        ))}
      </ul>
    </nav>
  );
};

/** A table that scrolls by itself on a narrow screen; it can be reached by keyboard, since it scrolls. */
export const Table = ({
  name,
  head,
  rows,
}: {
  name: string;
  head: readonly string[];
  rows: readonly (readonly Child[])[];
}) => (
  <div class="table" role="region" aria-label={name} tabindex={0}>
    <table>
      <thead>
        <tr>
          {head.map((text) => (
            <th scope="col">{text}</th>
          ))}
        </tr>
      </thead>
      <tbody>
        {rows.map((cells) => (
          <tr>
            {cells.map((cell) => (
              <td>{cell}</td>
            ))}
          </tr>
        ))}
      </tbody>
    </table>
  </div>
);

export const accountPath = (accountId: string) => `/administration/accounts/${encodeURIComponent(accountId)}`;
export const userPath = (accountId: string, userId: string) =>
  `${accountPath(accountId)}/users/${encodeURIComponent(userId)}`;
