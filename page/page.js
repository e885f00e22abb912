// Moments in the reader's zone; UTC stays to be read on hover.
const zone = new Intl.DateTimeFormat(undefined, { dateStyle: 'medium', timeStyle: 'short' });
for (const time of document.querySelectorAll('time[datetime]')) {
  const date = new Date(time.getAttribute('datetime') ?? '');
  if (!Number.isNaN(date.getTime())) time.textContent = zone.format(date);
}

// A run that is under way is asked for every few seconds while somebody looks; at its end the page is loaded anew.
const every = 3000;
/** @param {Element} shown */
const follow = async (shown) => {
  const answer = await fetch(shown.getAttribute('data-progress') ?? '', { headers: { accept: 'application/json' } });
  if (answer.status === 401) return location.reload();
  if (!answer.ok) return;
  const { ended, phase, text, since, stalled, done, total } = await answer.json();
  if (ended) return location.reload();
  const put = (/** @type {string} */ where, /** @type {string} */ what) => {
    const place = shown.querySelector(where);
    if (place !== null) place.textContent = what;
  };
  put('[data-phase]', phase);
  put('[data-text]', text);
  put('[data-since]', since);
  put('[data-stalled]', stalled);
  const bar = shown.querySelector('progress');
  if (bar !== null) {
    bar.max = Math.max(1, total);
    bar.value = Math.min(done, total);
  }
};
for (const shown of document.querySelectorAll('[data-progress]')) {
  setInterval(() => {
    // A server that does not answer is asked again; what is shown stays.
    if (!document.hidden) follow(shown).catch(() => undefined);
  }, every);
}

// Commands are copied by a press.
for (const command of document.querySelectorAll('code.command')) {
  if (navigator.clipboard === undefined) break;
  const button = document.createElement('button');
  button.type = 'button';
  button.className = 'quiet';
  button.textContent = 'Copy';
  button.addEventListener('click', async () => {
    await navigator.clipboard.writeText(command.textContent ?? '');
    button.textContent = 'Copied';
  });
  command.after(' ', button);
}

// All items of a page are ticked by one press.
for (const head of document.querySelectorAll('th[data-tick-all]')) {
  const all = document.createElement('input');
  all.type = 'checkbox';
  all.setAttribute('aria-label', 'Tick all of this page');
  all.addEventListener('change', () => {
    for (const one of head.closest('table')?.querySelectorAll('tbody input[type=checkbox]') ?? [])
      if (one instanceof HTMLInputElement) one.checked = all.checked;
  });
  head.append(all);
}
