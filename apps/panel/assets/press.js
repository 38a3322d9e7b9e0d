/* A button that was pressed waits for its answer, so that nobody presses it again. Presses that get through count once. */
const waitMs = 15_000;

document.addEventListener('submit', (event) => {
  const button = event.submitter ?? event.target.querySelector('button');
  // A file is saved, and the page stays.
  if (event.defaultPrevented || !button || 'stays' in event.target.dataset) return;
  // Once the form is on its way.
  setTimeout(() => {
    button.disabled = true;
    button.setAttribute('aria-busy', 'true');
  });
  setTimeout(() => free(button), waitMs);
});

/* A page that comes back by the back button is as it was left. */
globalThis.addEventListener('pageshow', ({ persisted }) => {
  if (persisted) for (const button of document.querySelectorAll('button[aria-busy]')) free(button);
});

function free(button) {
  button.disabled = false;
  button.removeAttribute('aria-busy');
}
