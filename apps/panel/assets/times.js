/* Times as the reader's clock shows them. */
const shown = new Intl.DateTimeFormat(document.documentElement.lang, {
  day: 'numeric',
  month: 'short',
  hour: '2-digit',
  minute: '2-digit',
  hourCycle: 'h23',
});

for (const time of document.querySelectorAll('time[datetime]')) {
  time.textContent = shown.format(new Date(time.dateTime));
}
