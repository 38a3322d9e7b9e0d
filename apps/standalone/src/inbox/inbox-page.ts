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

/** The phone and the mailbox. Works without its script: that only spares the reader the reloading. */
export function inboxPage(options: {
  /** Newest first, of this address only where there is one. */
  readonly messages: readonly InboxMessage[];
  readonly to: string | undefined;
  /** Id of the newest message of all: what comes after it, the script asks for. */
  readonly newest: string;
}): string {
  const { messages, to, newest } = options;
  const shown = (channel: InboxMessage['channel']) =>
    messages.filter((message) => message.channel === channel).slice(0, shownOfEachKind);
  const threads = [...Map.groupBy(shown('sms'), (message) => message.to).values()].map(thread);
  const mails = shown('email').map(mail);
  const empty = (kind: string) =>
    to === undefined
      ? `No ${kind} yet. Sign in to the panel, or take the tour in docs/tour.md. Messages from Sallyport appear here.`
      : `No ${kind} to ${to}.`;
  return `<!doctype html>
<html lang="en">
<head>
<meta charset="utf-8">
<meta name="viewport" content="width=device-width, initial-scale=1">
<meta name="color-scheme" content="light dark">
<title>${to === undefined ? '' : `${escape(to)} – `}Sallyport inbox</title>
<link rel="icon" href="data:,">
<link rel="stylesheet" href="/pico.css">
<link rel="stylesheet" href="/inbox.css">
<script src="/inbox.js" defer></script>
<noscript><meta http-equiv="refresh" content="3"></noscript>
</head>
<body data-newest="${escape(newest)}" data-limit="${shownOfEachKind}">
<header class="container">
<h1>Inbox</h1>
<p>What would have been sent, newest first. Nothing leaves this machine.</p>
<form role="search">
<input type="search" name="to" value="${escape(to ?? '')}" aria-label="Number or address" placeholder="+31612345678" autocomplete="off" spellcheck="false">
<button>Show</button>
</form>
<p class="filter">${to === undefined ? 'All numbers and addresses.' : `Only <strong>${escape(to)}</strong>. <a href="/">Show all</a>`}</p>
<p id="live" role="status"><noscript>This page loads itself anew every 3 seconds.</noscript></p>
</header>
<main class="container">
<section aria-labelledby="phone">
<h2 id="phone">Phone</h2>
<div id="sms">${threads.join('')}</div>
<p class="empty">${escape(empty('SMS'))}</p>
</section>
<section aria-labelledby="mailbox">
<h2 id="mailbox">Mailbox</h2>
<div id="email">${mails.join('')}</div>
<p class="empty">${escape(empty('e-mail'))}</p>
</section>
</main>
</body>
</html>
`;
}

/** What the script gets: the same HTML as a reload would bring, and words for the status line. */
export function liveMessage(message: InboxMessage): { readonly html: string; readonly words: string } {
  const [kind, html] = message.channel === 'sms' ? ['SMS', thread([message])] : ['e-mail', mail(message)];
  return { html, words: `New ${kind} to ${message.to}, ${shortTime(message)}.` };
}

/** SMS to one number, newest first. */
function thread(messages: readonly InboxMessage[]): string {
  const to = messages[0]?.to ?? '';
  const bubbles = messages.map((message) => `<li class="message">${text(message)}${time(message)}</li>`);
  return `<article data-list="sms" data-thread="${escape(to)}"><h3>${link(to)}</h3><ul>${bubbles.join('')}</ul></article>`;
}

function mail(message: InboxMessage): string {
  const { subject, to } = message;
  return `<article class="message" data-list="email"><h3>${escape(subject ?? '')}</h3><p class="to">To ${link(to)}</p>${text(message)}${time(message)}</article>`;
}

function link(to: string): string {
  return `<a href="/?to=${encodeURIComponent(to)}">${escape(to)}</a>`;
}

/** The first group of six digits is the code. */
function text({ body }: InboxMessage): string {
  const [, before = body, code = '', after = ''] = /^([^]*?)(?<!\d)(\d{6})(?!\d)([^]*)$/.exec(body) ?? [];
  const strong = code === '' ? '' : `<strong>${code}</strong>`;
  return `<p class="text">${escape(before)}${strong}${escape(after)}</p>`;
}

function time(message: InboxMessage): string {
  return `<time datetime="${escape(message.receivedAt)}">${shortTime(message)}</time>`;
}

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

/** For text and for attributes in double quotes. */
function escape(words: string): string {
  return words.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('"', '&quot;');
}
