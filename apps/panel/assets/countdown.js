/* A button that can be pressed once its time has come. Counted from when the page came, since clocks differ. */
for (const button of document.querySelectorAll('button[data-wait]')) {
  const { wait, waiting, ready } = button.dataset;
  const until = performance.now() + Number(wait) * 1000;
  const show = () => {
    const left = Math.ceil((until - performance.now()) / 1000);
    button.disabled = left > 0;
    button.textContent = left > 0 ? waiting.replace('{}', String(left)) : ready;
    if (left > 0) setTimeout(show, 250);
  };
  show();
}

/* A page whose time is over asks what comes then. */
for (const { dataset } of document.querySelectorAll('[data-ends]')) {
  if (Number(dataset.ends) > 0)
    setTimeout(() => location.replace(location.pathname + location.search), Number(dataset.ends) * 1000 + 500);
}
