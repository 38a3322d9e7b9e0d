/**
 * Shows messages as they come. The server writes their HTML, here as in the whole page; without this script the page
 * loads itself anew.
 */
const live = document.getElementById('live');
const limit = Number(document.body.dataset.limit);
let newest = document.body.dataset.newest;
let stream;

/** Puts a message before the older ones: an SMS into the thread of its number, where there is one. */
function show({ html, words }) {
  const template = document.createElement('template');
  template.innerHTML = html;
  const fresh = template.content.firstElementChild;
  const list = document.getElementById(fresh.dataset.list);
  const { thread } = fresh.dataset;
  const known = thread && [...list.children].find((other) => other.dataset.thread === thread);
  if (known) known.querySelector('ul').prepend(...fresh.querySelectorAll('li'));
  const block = known || fresh;
  if (list.firstElementChild !== block) {
    // Moving takes the focus away from what is inside.
    const focused = document.activeElement;
    list.prepend(block);
    if (block.contains(focused)) focused.focus({ preventScroll: true });
  }
  const messages = list.querySelectorAll('.message');
  for (const old of [...messages].slice(limit)) old.remove();
  for (const empty of list.querySelectorAll('article:has(ul:empty)')) empty.remove();
  live.textContent = words;
}

function connect() {
  const query = new URLSearchParams(location.search);
  query.set('after', newest);
  stream = new EventSource(`/events?${query}`);
  stream.addEventListener('open', () => {
    live.textContent = 'Live: new messages appear by themselves.';
  });
  stream.addEventListener('error', () => {
    live.textContent = 'No connection to the inbox. Does Sallyport still run? Trying again …';
  });
  stream.addEventListener('message', ({ data, lastEventId }) => {
    newest = lastEventId;
    show(JSON.parse(data));
  });
  stream.addEventListener('reload', () => {
    stream.close();
    location.reload();
  });
}

// A browser opens six connections to a server and no more: a page that nobody sees gives its own back.
document.addEventListener('visibilitychange', () => {
  stream?.close();
  if (!document.hidden) connect();
});
if (!document.hidden) connect();
