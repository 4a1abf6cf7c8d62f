// Keys, files to drop and what a passkey says when it fails. Every page works without this file.
'use strict';
(() => {
  const typing = target => target.isContentEditable || /^(INPUT|SELECT|TEXTAREA)$/.test(target.tagName);
  const keys = () => document.getElementById('keys');

  // --- keys: `/` searches, `n` takes a request in, `?` lists them; more on a page by data-key
  function press(key) {
    if (key === '?' && keys()) {
      keys().showModal();
      return true;
    }
    const found = [...document.querySelectorAll('[data-key]')].filter(item => item.dataset.key === key);
    const item = found.find(one => one.getClientRects().length) || found.find(one => one.href);
    if (!item) return false;
    if (typing(item)) {
      item.focus();
      item.select?.();
    } else item.click();
    return true;
  }

  document.addEventListener('keydown', event => {
    const { target, key } = event;
    const opened = key === 'Escape' && target.closest?.('form')?.querySelector('[data-closes]');
    if (opened) return opened.click(); // what was opened in the place of something else gives that back
    if (key === 'Escape' && typing(target)) target.blur();
    if (key === 'Escape') for (const menu of document.querySelectorAll('.menu[open]')) shut(menu);
    if (event.ctrlKey || event.metaKey || event.altKey || typing(target) || document.querySelector('dialog[open]')) return;
    if (press(key)) event.preventDefault();
  });

  // --- menus close when something else is touched
  function shut(menu) {
    const inside = menu.contains(document.activeElement);
    menu.open = false;
    if (inside) menu.querySelector('summary').focus();
  }

  document.addEventListener('click', event => {
    for (const menu of document.querySelectorAll('.menu[open]')) if (!menu.contains(event.target)) menu.open = false;
  });

  // --- files dropped on a label with a file field in it: the field takes them and says their names
  const place = event => event.target.closest?.('label.drop');
  const holds = event => [...(event.dataTransfer?.types ?? [])].includes('Files');

  document.addEventListener('dragover', event => {
    const label = place(event);
    if (!holds(event)) return;
    event.preventDefault(); // else the browser would open the file and leave the page
    event.dataTransfer.dropEffect = label ? 'copy' : 'none';
    label?.classList.add('over');
  });
  document.addEventListener('dragleave', event => {
    const label = place(event);
    if (label && !label.contains(event.relatedTarget)) label.classList.remove('over');
  });
  document.addEventListener('drop', event => {
    if (!holds(event)) return;
    event.preventDefault();
    const label = place(event);
    const field = label?.querySelector('input[type="file"]');
    if (!field || field.disabled) return;
    label.classList.remove('over');
    const taken = new DataTransfer();
    for (const file of event.dataTransfer.files) if (field.multiple || !taken.files.length) taken.items.add(file);
    field.files = taken.files;
    field.dispatchEvent(new Event('change', { bubbles: true }));
  });
  document.addEventListener('change', event => {
    const label = event.target.type === 'file' && place(event);
    const output = label && label.querySelector('output');
    if (output) output.textContent = [...event.target.files].map(file => file.name).join(', ');
  });

  // --- a form is sent once: a second click while the first is under way would take a second request in
  document.addEventListener('submit', event => {
    const form = event.target;
    if (form.method !== 'post' || event.defaultPrevented) return;
    const to = event.submitter?.formAction || form.action; // another button may lead elsewhere: another file
    if (form.dataset.sent === to) return event.preventDefault();
    form.dataset.sent = to;
    setTimeout(() => delete form.dataset.sent, 3000); // a download leaves the page as it is
  });

  // --- a part of a page that was sent and not answered: it is said, or it would be taken for saved
  const unanswered = document.getElementById('unanswered');
  const heard = lost => event => {
    if (unanswered && event.detail.requestConfig.verb === 'post') unanswered.hidden = !lost(event.detail.xhr.status);
  };
  document.addEventListener('htmx:sendError', heard(() => true));
  document.addEventListener('htmx:afterOnLoad', heard(status => status >= 500));

  // --- after a part of a draft's page was replaced, every form of it speaks of the draft as it is shown now: at once, or
  // an edit that waited for that answer would be taken for one of an older draft
  for (const name of ['htmx:afterSwap', 'htmx:afterSettle']) document.addEventListener(name, () => {
    const version = document.getElementById('draft-state')?.dataset.version;
    if (version) for (const field of document.querySelectorAll('input[data-draft]')) field.value = version;
  });

  // --- a slider writes into its field while it is drawn, and follows what is typed there; the field is what is sent
  const separator = (1.5).toLocaleString(document.documentElement.lang).charAt(1);
  const number = text => Number((separator === ',' ? text.replaceAll('.', '').replace(',', '.') : text.replaceAll(',', '')).trim());
  document.addEventListener('input', event => {
    const { target } = event;
    const field = target.dataset?.slides && document.getElementById(target.dataset.slides);
    const slider = !field && target.id && document.querySelector(`[data-slides="${CSS.escape(target.id)}"]`);
    if (field) {
      field.value = Number(target.value).toLocaleString(document.documentElement.lang);
      target.setAttribute('aria-valuetext', field.value);
    } else if (slider && !Number.isNaN(number(target.value))) slider.value = number(target.value);
  });

  // --- a question of the time sample has come: the phone shivers, the tab says so
  const title = document.title;
  let asked = document.querySelector('[data-buzz]')?.dataset.buzz;
  document.addEventListener('htmx:afterSettle', () => {
    if (!document.getElementById('moment')) return;
    const now = document.querySelector('[data-buzz]')?.dataset.buzz;
    if (now && now !== asked && navigator.userActivation?.hasBeenActive) navigator.vibrate?.([200, 100, 200]);
    document.title = now ? `● ${title}` : title;
    asked = now;
  });

  // --- a passkey that was refused or cancelled: the page says so in its own words
  document.addEventListener('allauth.error', event => {
    const text = document.querySelector('[data-passkey-failed]');
    if (!text) return;
    event.preventDefault();
    text.hidden = false;
    text.focus();
  });
})();
