export interface InboxMessage {
  readonly id: string;
  readonly channel: 'sms' | 'email';
  /** A code that was asked for, or a notice that was not. */
  readonly kind: 'code' | 'notice';
  readonly to: string;
  readonly subject: string | null;
  readonly body: string;
  readonly receivedAt: string;
}

/** Messages of each kind that the page shows. */
export const shownOfEachKind = 100;

interface PageProps {
  /** Newest first, of this address only where there is one. */
  readonly messages: readonly InboxMessage[];
  readonly to: string | undefined;
  /** Id of the newest message of all: what comes after it, the script asks for. */
  readonly newest: string;
}

/** The phone and the mailbox. Works without its script: that only spares the reader the reloading. */
export function inboxPage(props: PageProps): string {
  return `<!doctype html>${(<Page {...props} />)}`;
}

function Page({ messages, to, newest }: PageProps) {
  const shown = (channel: InboxMessage['channel']) =>
    messages.filter((message) => message.channel === channel).slice(0, shownOfEachKind);
  const threads = [...Map.groupBy(shown('sms'), (message) => message.to).values()];
  return (
    <html lang="en">
      <head>
        <meta charset="utf-8" />
        <meta name="viewport" content="width=device-width, initial-scale=1" />
        <meta name="color-scheme" content="light dark" />
        <title>{to === undefined ? '' : `${to} – `}Sallyport inbox</title>
        <link rel="icon" href="data:," />
        <link rel="stylesheet" href="/pico.css" />
        <link rel="stylesheet" href="/inbox.css" />
        <script src="/inbox.js" defer></script>
        <noscript>
          <meta http-equiv="refresh" content="3" />
        </noscript>
      </head>
      <body data-newest={newest} data-limit={shownOfEachKind}>
        <header class="container">
          <h1>Inbox</h1>
          <p>What would have been sent, newest first. Nothing leaves this machine.</p>
          <form role="search">
            <input
              type="search"
              name="to"
              value={to ?? ''}
              aria-label="Number or address"
              placeholder="+31612345678"
              autocomplete="off"
              spellcheck={false}
            />
            <button>Show</button>
          </form>
          <Filter to={to} />
          <p id="live" role="status">
            <noscript>This page loads itself anew every 3 seconds.</noscript>
          </p>
        </header>
        <main class="container">
          <section aria-labelledby="phone">
            <h2 id="phone">Phone</h2>
            <div id="sms">{threads.map(thread)}</div>
            <p class="empty">{emptyWords('SMS', to)}</p>
          </section>
          <section aria-labelledby="mailbox">
            <h2 id="mailbox">Mailbox</h2>
            <div id="email">{shown('email').map(mail)}</div>
            <p class="empty">{emptyWords('e-mail', to)}</p>
          </section>
        </main>
      </body>
    </html>
  );
}

function Filter({ to }: { readonly to: string | undefined }) {
  if (to === undefined) return <p class="filter">All numbers and addresses.</p>;
  return (
    <p class="filter">
      Only <strong>{to}</strong>. <a href="/">Show all</a>
    </p>
  );
}

function emptyWords(kind: string, to: string | undefined): string {
  return to === undefined
    ? `No ${kind} yet. Sign in to the panel, or take the tour in docs/tour.md. Messages from Sallyport appear here.`
    : `No ${kind} to ${to}.`;
}

/** What the script gets: the same HTML as a reload would bring, and words for the status line. */
export function liveMessage(message: InboxMessage): { readonly html: string; readonly words: string } {
  const [kind, html] = message.channel === 'sms' ? ['SMS', thread([message])] : ['e-mail', mail(message)];
  return { html: String(html), words: `New ${kind} to ${message.to}, ${shortTime(message)}.` };
}

/** SMS to one number, newest first. */
function thread(messages: readonly InboxMessage[]) {
  const to = messages[0]?.to ?? '';
  return (
    <article data-list="sms" data-thread={to}>
      <h3>{link(to)}</h3>
      <ul>
        {messages.map((message) => (
          <li class="message">
            {text(message)}
            {time(message)}
          </li>
        ))}
      </ul>
    </article>
  );
}

function mail(message: InboxMessage) {
  return (
    <article class="message" data-list="email">
      <h3>{message.subject ?? ''}</h3>
      <p class="to">To {link(message.to)}</p>
      {text(message)}
      {time(message)}
    </article>
  );
}

const link = (to: string) => <a href={`/?to=${encodeURIComponent(to)}`}>{to}</a>;

/** The first group of six digits is the code. */
function text({ body }: InboxMessage) {
  const [, before = body, code = '', after = ''] = /^([^]*?)(?<!\d)(\d{6})(?!\d)([^]*)$/.exec(body) ?? [];
  return (
    <p class="text">
      {before}
      {code === '' ? null : <strong>{code}</strong>}
      {after}
    </p>
  );
}

const time = (message: InboxMessage) => <time datetime={message.receivedAt}>{shortTime(message)}</time>;

const format = new Intl.DateTimeFormat('en-GB', {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  second: '2-digit',
});

/** In the time zone of this machine, which is the reader's: nobody else gets here. */
function shortTime({ receivedAt }: InboxMessage): string {
  return format.format(new Date(receivedAt));
}
