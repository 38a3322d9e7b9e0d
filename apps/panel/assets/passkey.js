/* Asks the browser for a passkey, and sends what it says by the form. */
for (const form of document.querySelectorAll('form[data-passkey]')) {
  const { passkey, options } = form.dataset;
  const button = form.querySelector('button');
  const failed = form.querySelector('[data-failed]');
  form.addEventListener('submit', async (event) => {
    if (form.elements.webauthn.value !== '') return;
    event.preventDefault();
    button.setAttribute('aria-busy', 'true');
    failed.hidden = true;
    try {
      const { startAuthentication, startRegistration } = globalThis.SimpleWebAuthnBrowser;
      const ask = passkey === 'create' ? startRegistration : startAuthentication;
      form.elements.webauthn.value = JSON.stringify(await ask({ optionsJSON: JSON.parse(options) }));
      form.requestSubmit();
    } catch {
      failed.textContent = failed.dataset.failed;
      failed.hidden = false;
    } finally {
      button.removeAttribute('aria-busy');
    }
  });
  button.disabled = false;
}
