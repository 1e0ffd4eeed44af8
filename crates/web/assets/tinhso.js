// What pages do beyond plain HTML: nothing here is needed to use them.
// Warns before a session ends, keeps drafts on this device when the person agrees, counts characters, shows conditional
// fields when they are asked, stops double sending, moves the focus to what is wrong.
'use strict';
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const DAY = 86400000;

  // The summary of errors or the news of what was done is read out first.
  all('[data-focus]').slice(0, 1).forEach((el) => el.focus());

  // A link of the summary goes to the field itself, with its label in sight.
  document.addEventListener('click', (event) => {
    const link = event.target.closest('.summary-errors a[href^="#"]');
    const field = link && document.getElementById(link.hash.slice(1));
    if (!field) return;
    event.preventDefault();
    const label = field.closest('.field') || field;
    label.scrollIntoView();
    field.focus({ preventScroll: true });
  });

  // A menu closes when one leaves it.
  document.addEventListener('click', (event) => {
    all('details.drop[open]').forEach((menu) => { if (!menu.contains(event.target)) menu.open = false; });
  });
  document.addEventListener('keydown', (event) => {
    if (event.key !== 'Escape') return;
    all('details.drop[open]').forEach((menu) => { menu.open = false; menu.querySelector('summary').focus(); });
  });

  // One sending per page: the server would recognise the second, but the person should not have to wonder.
  document.addEventListener('submit', (event) => {
    const form = event.target;
    if (form.method !== 'post' || event.defaultPrevented) return;
    if (form.dataset.sent && Date.now() - form.dataset.sent < 8000) { event.preventDefault(); return; }
    form.dataset.sent = Date.now();
    all('.btn', form).forEach((button) => button.setAttribute('aria-disabled', 'true'));
  });
  addEventListener('pageshow', () => all('form').forEach((form) => {
    delete form.dataset.sent;
    all('[aria-disabled]', form).forEach((button) => button.removeAttribute('aria-disabled'));
  }));

  // Who waits her turn need not press a button: the page sends the same form again.
  all('form[data-again]').forEach((form) => {
    setTimeout(() => form.requestSubmit(), Number(form.dataset.again) * 1000);
  });

  // Characters left, told politely and not at every key.
  all('textarea[data-count]').forEach((area) => {
    const most = Number(area.dataset.count);
    const shown = document.createElement('p');
    const told = document.createElement('p');
    shown.className = 'counter';
    shown.setAttribute('aria-hidden', 'true');
    told.className = 'hidden';
    told.setAttribute('aria-live', 'polite');
    area.after(shown, told);
    let timer;
    const count = () => {
      const left = most - [...area.value].length;
      const words = (left < 0 ? area.dataset.countOver : area.dataset.countLeft).replace('{n}', Math.abs(left).toLocaleString(document.documentElement.lang));
      shown.textContent = left < most / 2 ? words : '';
      shown.classList.toggle('over', left < 0);
      clearTimeout(timer);
      timer = setTimeout(() => { told.textContent = shown.textContent; }, 1000);
    };
    area.addEventListener('input', count);
    count();
  });

  // Fields that are asked only after a certain answer.
  const conditional = all('[data-when]');
  const show = () => conditional.forEach((field) => {
    const at = field.dataset.when.indexOf('=');
    const name = field.dataset.when.slice(0, at);
    const answers = field.dataset.when.slice(at + 1).split('|');
    const controls = all(`[name="${CSS.escape(name)}"]`, field.closest('form') || document);
    const given = controls.filter((c) => (c.type !== 'radio' && c.type !== 'checkbox') || c.checked).map((c) => c.value);
    // No answer is an empty one.
    field.hidden = !(given.length ? given : ['']).some((value) => answers.includes(value));
  });
  if (conditional.length) {
    all('.when').forEach((words) => { words.hidden = true; });
    document.addEventListener('change', show);
    show();
  }

  // Keys of officers' pages: a function key presses what is marked with it.
  document.addEventListener('keydown', (event) => {
    if (!/^F\d+$/.test(event.key) || event.ctrlKey || event.altKey || event.metaKey) return;
    const target = document.querySelector(`[data-key="${event.key}"]`);
    if (!target) return;
    event.preventDefault();
    target.click();
  });

  // A number that is whole presses its look-up.
  all('button[data-after]').forEach((button) => {
    const field = document.getElementById(button.dataset.after);
    if (!field) return;
    let looked = field.value.replace(/\D/g, '');
    field.addEventListener('input', () => {
      const digits = field.value.replace(/\D/g, '');
      if (digits.length === Number(button.dataset.digits) && digits !== looked) { looked = digits; button.click(); }
    });
  });

  // Printing is a button only where a script can press it.
  all('[data-print]').forEach((button) => { button.hidden = false; button.addEventListener('click', () => print()); });

  // One more row without leaving the page. Where that fails, the button sends the form as it does without scripts.
  document.addEventListener('click', async (event) => {
    const button = event.target.closest('[data-more] button');
    if (!button) return;
    event.preventDefault();
    if (button.getAttribute('aria-disabled')) return;
    button.setAttribute('aria-disabled', 'true');
    const { form } = button;
    const rows = (root) => all('fieldset.section', root);
    try {
      const body = new URLSearchParams([...new FormData(form, button)].filter(([, value]) => typeof value === 'string'));
      const answer = await fetch(form.getAttribute('action'), { method: 'POST', body, redirect: 'error' });
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const fresh = page.getElementById(form.id);
      const added = rows(fresh).slice(rows(form).length);
      if (!answer.ok || !added.length) throw new Error('no row came');
      const end = button.closest('[data-more]');
      added.forEach((row) => end.before(document.adoptNode(row)));
      if (fresh.querySelector('[data-more]')) button.removeAttribute('aria-disabled'); else end.remove();
      added[0].querySelector('input, select, textarea').focus();
    } catch {
      button.removeAttribute('aria-disabled');
      form.requestSubmit(button);
    }
  });

  // A select that fills another: choosing is pressing its button.
  all('button[data-on-change]').forEach((button) => {
    const select = document.getElementById(button.dataset.onChange);
    if (select) select.addEventListener('change', () => button.click());
  });

  // Drafts: only with consent, only on this device, gone after sending or seven days. Never passwords or files.
  all('form[data-draft]').forEach((form) => {
    const offer = form.querySelector('[data-draft-offer]');
    const consent = form.querySelector('[data-draft-consent]');
    const key = `draft:${location.pathname}:${form.dataset.draft}`;
    let store;
    try { store = localStorage; store.getItem(key); } catch { return; }
    const fields = () => [...form.elements].filter((c) => c.name && c.name[0] !== '_' && !['password', 'file', 'hidden', 'submit', 'button'].includes(c.type) && c.autocomplete !== 'one-time-code');
    const read = () => { try { const kept = JSON.parse(store.getItem(key)); return kept && Date.now() - kept.at < 7 * DAY ? kept : null; } catch { return null; } };
    const drop = () => { try { store.removeItem(key); } catch { /* nothing to drop */ } };
    const keep = () => {
      if (!consent.checked) return;
      const values = fields().filter((c) => !['radio', 'checkbox'].includes(c.type) || c.checked).map((c) => [c.name, c.value]);
      try { store.setItem(key, JSON.stringify({ at: Date.now(), values })); } catch { consent.checked = false; }
    };
    const found = form.querySelector('[data-draft-found]');
    offer.hidden = false;
    if (read()) { found.hidden = false; } else { drop(); }
    form.querySelector('[data-draft-restore]').addEventListener('click', () => {
      const kept = read();
      if (!kept) return;
      consent.checked = true;
      fields().forEach((c) => {
        const values = kept.values.filter(([name]) => name === c.name).map(([, value]) => value);
        if (['radio', 'checkbox'].includes(c.type)) c.checked = values.includes(c.value);
        else if (values.length) [c.value] = values;
      });
      // Counters and conditional fields look again; a select that presses a button must not.
      all('textarea', form).forEach((c) => c.dispatchEvent(new Event('input')));
      form.dispatchEvent(new Event('change', { bubbles: true }));
      found.hidden = true;
    });
    form.querySelector('[data-draft-drop]').addEventListener('click', () => { drop(); found.hidden = true; });
    consent.addEventListener('change', () => (consent.checked ? keep() : drop()));
    let timer;
    form.addEventListener('input', () => { clearTimeout(timer); timer = setTimeout(keep, 800); });
    addEventListener('pagehide', keep);
    // Sent and answered without errors: the next page tells by its address.
    form.addEventListener('submit', () => { clearTimeout(timer); keep(); try { sessionStorage.setItem('draft-sent', key); } catch { /* the draft ages out */ } });
  });
  try {
    const sent = sessionStorage.getItem('draft-sent');
    if (sent && !document.querySelector('.summary-errors') && !document.querySelector('form[data-draft]') && document.querySelector('[data-draft-done], .receipt')) {
      localStorage.removeItem(sent);
      sessionStorage.removeItem('draft-sent');
    }
  } catch { /* storage is off */ }

  // The end of the session: a warning while there is time, and the truth afterwards.
  all('dialog.session').forEach((dialog) => {
    const left = dialog.querySelector('[data-left]');
    let ends;
    const restart = () => { ends = Date.now() + dialog.dataset.ends * 1000; };
    const words = (seconds) => `${Math.floor(seconds / 60)}:${String(seconds % 60).padStart(2, '0')}`;
    const over = () => {
      clearInterval(clock);
      dialog.querySelector('[data-over]').hidden = false;
      dialog.querySelector('[data-gone]').hidden = false;
      dialog.querySelector('[data-stay]').hidden = true;
      left.textContent = '0:00';
      if (!dialog.open) dialog.showModal();
    };
    const clock = setInterval(() => {
      const seconds = Math.round((ends - Date.now()) / 1000);
      if (seconds <= 0) { over(); return; }
      left.textContent = words(seconds);
      if (seconds <= Number(dialog.dataset.warn) && !dialog.open) dialog.showModal();
    }, 1000);
    dialog.querySelector('[data-stay]').addEventListener('click', async () => {
      try {
        const answer = await fetch(dialog.dataset.renew, { headers: { accept: 'application/json' }, redirect: 'manual' });
        if (!answer.ok) { over(); return; }
        restart();
        dialog.close();
      } catch { dialog.close(); }
    });
    restart();
  });
})();
