// The desk that works with the line down: keeps the working set, takes dossiers, seals them to the server, sends them when the
// line is back. Owns no text (the page brings its words) and no rule (the server reads what was taken as any form).
// What lies on the device is sealed: for the server by its public key, for the officer by her PIN. docs/offline-desk.md
'use strict';
(() => {
  const app = document.getElementById('offline-app');
  if (!app) return;
  const $ = (id) => document.getElementById(`offline-${id}`);
  const IDLE_MS = 15 * 60000;
  const TOLD_MS = 2 * 60000;
  const LOOK_MS = 15000;
  const ROUNDS = 600000;
  const WRONG_MAX = 10;
  const PIN_MIN = 8;
  const CODES_LOW = 10;
  const BYTES_MAX = 20 << 20;
  const form = document.getElementById('intake');
  const lang = document.documentElement.lang === 'en' ? 'en-GB' : document.documentElement.lang;
  const words = (key, values = {}) => {
    const found = document.querySelector(`template[data-words="${key}"]`);
    return Object.entries(values).reduce((text, [name, value]) => text.replaceAll(`%${name}`, value), found ? found.content.textContent.trim() : key);
  };
  const say = (text, tone = 'info') => { const said = $('said'); said.textContent = text; said.dataset.tone = tone; };
  const fill = (list, items) => list.replaceChildren(...items);
  const item = (text) => { const li = document.createElement('li'); li.textContent = text; return li; };

  // ---- storage: whole or not at all; told at once when the browser refuses it
  const refused = (key) => {
    app.hidden = true;
    const box = $('refused');
    box.querySelector('[data-said]').textContent = words(key);
    box.hidden = false;
  };
  let db;
  const openStorage = () => new Promise((done, fail) => {
    const asked = indexedDB.open('tinhso-offline-desk', 1);
    asked.onupgradeneeded = () => { asked.result.createObjectStore('kept'); asked.result.createObjectStore('items', { keyPath: 'id' }); };
    asked.onsuccess = () => done(asked.result);
    asked.onerror = () => fail(asked.error);
    asked.onblocked = () => fail(new Error('blocked'));
  });
  const run = (mode, names, work) => new Promise((done, fail) => {
    // "strict": what is called saved is on the disk.
    const tx = db.transaction(names, mode, { durability: 'strict' });
    let result;
    tx.oncomplete = () => done(result);
    tx.onabort = () => fail(tx.error || new Error('aborted'));
    work((name) => tx.objectStore(name), (value) => { result = value; }, tx);
  });
  const kept = (key) => run('readonly', ['kept'], (store, give) => { const q = store('kept').get(key); q.onsuccess = () => give(q.result); });
  const keep = (key, value) => run('readwrite', ['kept'], (store) => { store('kept').put(value, key); });
  const forget = (key) => run('readwrite', ['kept'], (store) => { store('kept').delete(key); });
  const items = () => run('readonly', ['items'], (store, give) => { const q = store('items').getAll(); q.onsuccess = () => give(q.result.sort((a, b) => a.printed_ms - b.printed_ms)); });
  const oneItem = (id) => run('readonly', ['items'], (store, give) => { const q = store('items').get(id); q.onsuccess = () => give(q.result); });
  const tabs = 'BroadcastChannel' in window ? new BroadcastChannel('tinhso-offline-desk') : null;
  const tellTabs = () => tabs && tabs.postMessage('changed');

  // ---- bytes and keys: offline-seal.js
  const { subtle, utf8, random, join, base64, unbase64, aes, lock, unlock, pinKey, ECDH } = window.tinhsoSeal;

  // What is open while the officer works: the key of this device's copies, and the device's own private key. Never stored open.
  let open = null;
  // One browser serves several officers of a desk: each has a place of her own with its keys, codes and PIN. `device` is the
  // place that was chosen.
  let seats = [];
  let seat = null;
  let device = null;
  let isAdding = false;
  let hasPasskeys = false;
  let clock = { offset_ms: null, contact_ms: 0, last_ms: 0 };
  let me = null;
  let line = 'down';
  let set = [];

  const seal = (id, head, files) => window.tinhsoSeal.seal({ device, open }, id, head, files);
  const reopen = (row) => window.tinhsoSeal.reopen(open, row);

  // ---- time: the device's clock with what the server's says about it
  const zone = 'Asia/Ho_Chi_Minh';
  const paperNow = () => Date.now() + (clock.offset_ms || 0);
  const day = (ms) => new Intl.DateTimeFormat('en-CA', { timeZone: zone, year: 'numeric', month: '2-digit', day: '2-digit' }).format(ms);
  const when = (ms) => new Intl.DateTimeFormat(lang, { timeZone: zone, hour: '2-digit', minute: '2-digit', second: '2-digit', hourCycle: 'h23', day: '2-digit', month: '2-digit', year: 'numeric' }).format(ms);
  const span = (ms) => {
    const minutes = Math.round(Math.abs(ms) / 60000);
    const parts = [[Math.floor(minutes / 1440), 'day'], [Math.floor(minutes / 60) % 24, 'hour'], [minutes % 60, 'minute']];
    return parts.filter(([n]) => n).map(([n, unit]) => new Intl.NumberFormat(lang, { style: 'unit', unit, unitDisplay: 'long' }).format(n)).join(' ') || '0';
  };
  const showClock = () => {
    const shown = $('clock');
    let text;
    if (Date.now() < clock.last_ms - TOLD_MS) text = words('clock-back', { time: when(paperNow()) });
    else if (clock.offset_ms === null) text = words('clock-unknown');
    else if (Math.abs(clock.offset_ms) <= TOLD_MS) text = words('clock-right', { time: when(paperNow()) });
    else text = words(clock.offset_ms > 0 ? 'clock-slow' : 'clock-fast', { span: span(clock.offset_ms), time: when(paperNow()) });
    if (shown.textContent !== text) shown.textContent = text;
  };

  // ---- places: one for each officer who registered this browser
  const slot = (account = seat) => `device/${account}`;
  const readSeats = async () => {
    seats = (await kept('seats')) || [];
    const has = (account) => seats.some((one) => one.account === account);
    if (!has(seat)) seat = await kept('seat');
    if (!has(seat)) seat = seats.length ? seats[0].account : null;
    await readDevice();
  };
  // Somebody may choose another place, or open hers, while this one is read.
  const readDevice = async () => {
    const asked = seat;
    const found = (asked && (await kept(slot(asked)))) || null;
    if (asked === seat) device = found;
  };
  const { deviceOf } = window.tinhsoSeal;
  const isMine = (row) => Boolean(open && device && deviceOf(row) === device.id);
  const officerOf = (row) => { const found = seats.length > 1 && seats.find((one) => one.device === deviceOf(row)); return found ? ` · ${found.name}` : ''; };
  const isOver = (one) => one.wrong >= WRONG_MAX && !one.passkey;
  // What was registered before several officers could share a browser.
  const moveOld = () => run('readwrite', ['kept'], (store) => {
    const q = store('kept').get('device');
    q.onsuccess = () => {
      const old = q.result;
      if (!old) return;
      store('kept').put(old, slot(old.account));
      store('kept').put([{ account: old.account, name: old.officer, device: old.id }], 'seats');
      store('kept').delete('device');
      ['work', 'draft'].forEach((key) => {
        const box = store('kept').get(key);
        box.onsuccess = () => { if (box.result) { store('kept').put(box.result, `${key}/${old.account}`); store('kept').delete(key); } };
      });
    };
  });

  // ---- codes: drawn in one step, so that no two tabs draw the same
  const left = (of = device) => (of ? of.codes : []).filter((block) => block.day === day(paperNow())).reduce((sum, block) => sum + block.last - block.next + 1, 0);
  const drawCode = (today) => run('readwrite', ['kept'], (store, give) => {
    const key = slot();
    const q = store('kept').get(key);
    q.onsuccess = () => {
      const known = q.result;
      const block = known && known.codes.find((one) => one.day === today && one.next <= one.last);
      if (!block) return;
      give(`${block.agency}-${today.slice(2).replace(/-/g, '')}-${block.next}`);
      block.next += 1;
      store('kept').put(known, key);
    };
  });
  const mergeCodes = (account, fresh) => run('readwrite', ['kept'], (store) => {
    const q = store('kept').get(slot(account));
    q.onsuccess = () => {
      const known = q.result;
      if (!known) return;
      const next = (block) => (known.codes.find((one) => one.agency === block.agency && one.day === block.day && one.first === block.first) || { next: block.first }).next;
      known.codes = fresh.map((block) => ({ ...block, next: next(block) }));
      store('kept').put(known, slot(account));
    };
  });

  // ---- what is in sight
  const sections = ['register', 'locked', 'choose', 'walk'];
  const show = (name) => sections.forEach((one) => { const el = $(one); if (el) el.hidden = one !== name; });
  const showLine = () => {
    const shown = $('line');
    shown.dataset.line = line;
    const text = words(`line-${line}`);
    if (shown.textContent !== text) shown.textContent = text;
    $('sign-in').hidden = line !== 'signed-out';
    $('codes').textContent = device ? words(left() ? 'codes-left' : 'codes-none', { n: left() }) : '';
    $('lock').hidden = !open;
    // Who is signed in and has no place here yet, or has lost hers, can have one: at the same desk alone.
    const own = me && seats.find((one) => one.account === me.account);
    $('add').hidden = !(me && device && me.desk === device.desk && line !== 'down' && line !== 'signed-out' && (!own || (own.account === seat && (isOver(device) || line === 'revoked'))));
    showClock();
  };
  const folded = (text) => text.normalize('NFD').replace(/\p{M}/gu, '').toLowerCase().replace(/đ/g, 'd');
  const showFound = () => {
    const asked = folded($('q').value.trim()).split(/\s+/).filter(Boolean);
    const fits = set.filter((one) => { const all = one.folded || (one.folded = folded(`${one.code} ${one.name} ${one.official || ''} ${one.sector}`)); return asked.every((word) => all.includes(word)); });
    const offered = fits.slice(0, asked.length ? 20 : 9);
    fill($('found'), offered.map((one) => {
      const li = document.createElement('li');
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = one.name;
      button.dataset.code = one.code;
      button.addEventListener('click', () => begin(one));
      li.append(button);
      return li;
    }));
    $('found-said').textContent = offered.length ? '' : words('none-found');
  };
  const STATE = { waiting: 'state-waiting', refused: 'state-refused' };
  const showItems = async () => {
    const rows = await items();
    const sent = (await kept('sent')) || [];
    $('items').hidden = !rows.length;
    $('send').hidden = !rows.some((row) => row.state === 'waiting');
    fill($('items').querySelector('ul'), rows.map((row) => {
      const li = $('item').content.firstElementChild.cloneNode(true);
      const part = (name) => li.querySelector(`[data-${name}]`);
      li.dataset.state = row.state;
      part('code').textContent = row.code;
      part('state').textContent = words(STATE[row.state]);
      part('about').textContent = `${row.name} · ${when(row.printed_ms)}${officerOf(row)}`;
      fill(part('reasons'), (row.reasons || []).map((reason) => item(reason.words)));
      part('reasons').hidden = !(row.reasons || []).length;
      part('open').hidden = !isMine(row) || row.state !== 'refused';
      part('print-again').hidden = !isMine(row);
      part('aside').hidden = row.state !== 'refused';
      part('open').addEventListener('click', () => mend(row.id));
      part('print-again').addEventListener('click', () => printAgain(row.id));
      const aside = part('aside-form');
      const reason = aside.querySelector('input');
      reason.id = `aside-${row.id}`;
      part('aside-label').htmlFor = reason.id;
      part('aside').addEventListener('click', () => { aside.hidden = false; reason.focus(); });
      aside.addEventListener('submit', (event) => { event.preventDefault(); setAside(row, reason.value.trim()); });
      return li;
    }));
    $('sent').hidden = !sent.length;
    fill($('sent').querySelector('ul'), sent.map((one) => {
      const li = document.createElement('li');
      const link = document.createElement('a');
      link.href = `/desk/intake/${one.dossier}`;
      link.textContent = one.code;
      li.append(link, ' ', words({ drift: 'sent-drift', contact: 'sent-contact' }[one.ground] || 'state-sent', { at: one.received_at ? when(Date.parse(one.received_at)) : '' }));
      return li;
    }));
    showLine();
  };
  const showWork = async () => {
    const box = open && (await kept(`work/${seat}`));
    $('work').hidden = !box;
    if (!box) { fill($('work').querySelector('ul'), []); return; }
    try {
      const { made_ms: made, rows } = JSON.parse(new TextDecoder().decode(await unlock(open.key, box)));
      $('work').querySelector('[data-made]').textContent = when(made);
      fill($('work').querySelector('ul'), rows.map((row) => item(`${row.code} · ${row.person} · ${row.procedure_name}${row.due_at ? ` · ${when(Date.parse(row.due_at))}` : ''}`)));
    } catch { await forget(`work/${seat}`); }
  };
  const showLocked = () => {
    show('locked');
    const several = seats.length > 1;
    $('locked').querySelector('[data-officer]').textContent = several ? '' : device.officer;
    $('locked').querySelector('[data-alone]').hidden = several;
    $('seat-field').hidden = !several;
    fill($('seat'), seats.map((one) => new Option(one.name, one.account, false, one.account === seat)));
    $('passkey').hidden = !device.passkey;
    $('passkey-later').hidden = !hasPasskeys || Boolean(device.passkey) || isOver(device);
  };
  const choose = async (account) => {
    // Whose place is open, that place it stays: what is taken is sealed as hers.
    if (open) return;
    seat = account;
    await keep('seat', account);
    $('locked').querySelector('[data-wrong]').hidden = true;
    done.work = -Infinity;
    await showAll();
    look();
  };
  const showAll = async () => {
    await readSeats();
    clock = (await kept('clock')) || clock;
    set = (await kept('set')) || [];
    const isLost = device && seats.length < 2 && (isOver(device) || line === 'revoked');
    const asks = isAdding || !device || (isLost && !open && !(await items()).length);
    $('add-cancel').hidden = !isAdding;
    $('passkey-first').hidden = !hasPasskeys;
    if (asks && !open) show('register');
    else if (!open) showLocked();
    else if ($('walk') && $('walk').hidden && $('receipt').hidden) { show('choose'); showFound(); }
    await showItems();
  };

  // ---- the form
  let walk = null;
  const conditional = () => [...form.querySelectorAll('[data-when]')].forEach((field) => {
    const at = field.dataset.when.indexOf('=');
    const answers = field.dataset.when.slice(at + 1).split('|');
    const controls = [...form.querySelectorAll(`[name="${CSS.escape(field.dataset.when.slice(0, at))}"]`)];
    const given = controls.filter((c) => (c.type !== 'radio' && c.type !== 'checkbox') || c.checked).map((c) => c.value);
    field.hidden = !(given.length ? given : ['']).some((value) => answers.includes(value));
    field.querySelectorAll('.when').forEach((hint) => { hint.hidden = true; });
  });
  const paper = (one) => {
    const box = $('paper').content.firstElementChild.cloneNode(true);
    box.querySelector('[data-name]').textContent = one.name;
    const hint = box.querySelector('[data-case]');
    hint.textContent = one.case || '';
    hint.hidden = !one.case;
    box.querySelectorAll('[data-way]').forEach((tick) => {
      tick.name = `paper-${one.at}`;
      tick.id = `intake-paper-${one.at}-${tick.value}`;
      tick.nextElementSibling.htmlFor = tick.id;
    });
    const scan = box.querySelector('[data-scan]');
    scan.name = `scan-${one.at}`;
    scan.id = `intake-scan-${one.at}`;
    box.querySelector('[data-scan-label]').htmlFor = scan.id;
    box.querySelector('[data-scan-name]').textContent = ` ${one.name}`;
    return box;
  };
  const wrongs = (reasons) => {
    const box = $('wrong');
    box.hidden = !reasons.length;
    fill(box.querySelector('ul'), reasons.map(({ field, text }) => {
      const li = document.createElement('li');
      const link = document.createElement('a');
      link.href = `#${field ? field.id : 'intake'}`;
      link.textContent = text;
      li.append(link);
      return li;
    }));
    if (reasons.length) box.focus();
  };
  const draw = (procedure) => {
    form.reset();
    wrongs([]);
    $('mending').hidden = true;
    $('procedure').textContent = procedure.name;
    fill($('papers'), procedure.papers.map(paper));
    $('all').hidden = !procedure.papers.some((one) => one.required || one.when);
    $('no-required').hidden = !$('all').hidden;
    $('own').hidden = !procedure.own;
    // Drawn by the server for the page of the desk, and kept as it came.
    $('asks').innerHTML = procedure.asks || '';
    $('own').querySelector('div').innerHTML = procedure.own || '';
    const days = form.querySelector('[name="days"]');
    if (days) days.closest('.field').hidden = Boolean(procedure.limit);
    fill($('carried').querySelector('ul'), []);
    $('carried').hidden = true;
    conditional();
    $('receipt').hidden = true;
    show('walk');
  };
  const begin = (procedure) => {
    walk = { procedure, began_ms: Math.round(paperNow()), carried: [], mending: null };
    draw(procedure);
    say('');
    form.querySelector('[name="person-id"]').focus();
  };
  const put = (texts) => {
    const boxes = [...form.elements].filter((c) => c.name && ['radio', 'checkbox'].includes(c.type));
    boxes.forEach((c) => { c.checked = texts.some(([name, value]) => name === c.name && value === c.value); });
    const seen = {};
    [...form.elements].filter((c) => c.name && !['radio', 'checkbox', 'file', 'submit', 'button'].includes(c.type)).forEach((c) => {
      const values = texts.filter(([name]) => name === c.name).map(([, value]) => value);
      const at = seen[c.name] || 0;
      seen[c.name] = at + 1;
      if (values[at] !== undefined) c.value = values[at];
    });
    conditional();
  };
  const carry = (files) => {
    walk.carried = files;
    $('carried').hidden = !files.length;
    fill($('carried').querySelector('ul'), files.map((file, at) => {
      const li = document.createElement('li');
      li.className = 'tick';
      const tick = document.createElement('input');
      tick.type = 'checkbox';
      tick.checked = true;
      tick.id = `carried-${at}`;
      tick.addEventListener('change', () => { file.dropped = !tick.checked; });
      const label = document.createElement('label');
      label.htmlFor = tick.id;
      label.textContent = file.name;
      li.append(tick, label);
      return li;
    }));
  };
  const mend = async (id) => {
    const row = await oneItem(id);
    if (!row || !isMine(row)) return;
    const { head, files } = await reopen(row);
    const procedure = set.find((one) => one.code === head.procedure) || { code: head.procedure, name: row.name, papers: [], own: '' };
    walk = { procedure, began_ms: head.began_ms, carried: [], mending: { id, head } };
    draw(procedure);
    put(head.texts);
    carry(files);
    fill($('mending').querySelector('[data-reasons]'), (row.reasons || []).map((reason) => item(reason.words)));
    $('mending').hidden = false;
    $('procedure').focus();
  };
  const typed = () => [...new FormData(form).entries()].filter(([, value]) => typeof value === 'string');
  const scans = async () => {
    const fresh = [...new FormData(form).entries()].filter(([, value]) => typeof value !== 'string' && value.size);
    const read = await Promise.all(fresh.map(async ([field, file]) => ({ field, name: file.name, bytes: new Uint8Array(await file.arrayBuffer()) })));
    return [...walk.carried.filter((file) => !file.dropped), ...read];
  };
  const needed = (one, texts) => one.required || Boolean(one.when && texts.some(([key, text]) => key === 'own-case' && text === one.when));
  const check = (texts, files) => {
    const value = (name) => (texts.find(([key]) => key === name) || ['', ''])[1].trim();
    const asked = [...form.querySelectorAll('[aria-required="true"]')].filter((c) => !c.closest('[hidden]') && c.name && !['radio', 'checkbox'].includes(c.type));
    const label = (c) => ((form.querySelector(`label[for="${CSS.escape(c.id)}"]`) || c.closest('fieldset').querySelector('legend')).textContent || c.name).trim();
    const wrong = asked.filter((c) => !c.value.trim()).map((c) => ({ field: c, text: words('missing', { label: label(c) }) }));
    // Which of the catalogue's cases it is: one answer at least, and it requires papers.
    const cases = form.querySelector('[name="own-case"]');
    if (cases && !value('own-case')) wrong.push({ field: cases, text: words('missing', { label: cases.closest('fieldset').querySelector('legend').textContent.trim() }) });
    const number = form.querySelector('[name="person-id"]');
    if (number.value.trim() && number.value.replace(/\D/g, '').length !== 12) wrong.push({ field: number, text: words('number-wrong') });
    if (!value('all-papers')) {
      walk.procedure.papers.filter((one) => needed(one, texts)).forEach((one) => {
        if (value(`paper-${one.at}`) || files.some((file) => file.field === `scan-${one.at}`)) return;
        wrong.push({ field: document.getElementById(`intake-paper-${one.at}-original`), text: words('paper-missing', { name: one.name }) });
      });
    }
    if (files.reduce((sum, file) => sum + file.bytes.byteLength, 0) > BYTES_MAX) wrong.push({ field: null, text: words('too-big') });
    return wrong;
  };
  let saving = false;
  const save = async () => {
    if (saving || !open || !walk) return;
    saving = true;
    const mine = open;
    try {
      const texts = typed().filter(([name]) => name !== 'days' || !walk.procedure.limit);
      const files = await scans();
      const wrong = check(texts, files);
      wrongs(wrong);
      if (wrong.length) return;
      // Locked while the scans were read: what was typed is in the draft of who typed it.
      if (open !== mine) return;
      const taken = Date.now();
      const before = walk.mending && walk.mending.head;
      const code = before ? before.code : await drawCode(day(taken + (clock.offset_ms || 0)));
      if (open !== mine) return;
      if (!code) { say(words('codes-none'), 'late'); return; }
      const times = before
        ? { taken_ms: before.taken_ms, clock_ms: before.clock_ms, contact_ms: before.contact_ms }
        : { taken_ms: taken, clock_ms: Math.round(clock.offset_ms || 0), contact_ms: Math.round(clock.contact_ms) };
      const head = { code, ...times, began_ms: walk.began_ms, procedure: walk.procedure.code, texts };
      const id = walk.mending ? walk.mending.id : crypto.randomUUID();
      const row = { id, code, printed_ms: times.taken_ms + times.clock_ms, name: walk.procedure.name, state: 'waiting', reasons: [], ...(await seal(id, head, files)) };
      // Item and end of the draft in one step: after a power cut it is there whole, or not at all.
      await run('readwrite', ['items', 'kept'], (store) => { store('items').put(row); store('kept').delete(`draft/${seat}`); });
      tellTabs();
      const limit = walk.procedure.limit || (texts.find(([name]) => name === 'days') || [])[1];
      paperOf(row, texts, walk.procedure, limit);
      leave();
      say(words('saved', { code }), 'ok');
      await readDevice();
      await showItems();
      if (!navigator.webdriver) print();
      look();
    } catch (fault) {
      say(words(fault && fault.name === 'QuotaExceededError' ? 'storage-full' : 'storage-refused'), 'late');
    } finally { saving = false; }
  };
  const leave = () => {
    walk = null;
    form.reset();
    $('own').querySelector('div').replaceChildren();
    $('asks').replaceChildren();
    $('papers').replaceChildren();
    show('');
    if ($('receipt').hidden) { show('choose'); showFound(); $('q').focus(); }
  };

  // ---- the paper
  const paperOf = (row, texts, procedure, limit) => {
    const value = (name) => (texts.find(([key]) => key === name) || ['', ''])[1];
    const all = value('all-papers');
    const brought = procedure.papers.filter((one) => value(`paper-${one.at}`) || (all && needed(one, texts))).map((one) => one.name);
    const parts = {
      code: row.code, time: when(row.printed_ms), procedure: row.name, name: value('name'), papers: brought.join('; ') || '–',
      limit: limit && /^\d+$/.test(limit) ? words('limit-none', { n: limit }) : limit || '–', officer: device.officer,
    };
    Object.entries(parts).forEach(([name, text]) => { $('receipt').querySelector(`[data-paper="${name}"]`).textContent = text; });
    $('receipt').hidden = false;
    $('receipt').focus();
  };
  const printAgain = async (id) => {
    const row = await oneItem(id);
    if (!row || !isMine(row)) return;
    const { head } = await reopen(row);
    const procedure = set.find((one) => one.code === head.procedure) || { papers: [] };
    show('');
    paperOf(row, head.texts, procedure, procedure.limit || (head.texts.find(([name]) => name === 'days') || [])[1]);
    if (!navigator.webdriver) print();
  };
  const clearPaper = () => {
    $('receipt').hidden = true;
    $('receipt').querySelectorAll('[data-paper]').forEach((part) => { part.textContent = ''; });
  };

  // ---- opening and locking
  let active = Date.now();
  const lockUp = async () => {
    if (!open) return;
    const key = open.key;
    open = null;
    if (walk) {
      const draft = { procedure: walk.procedure.code, began_ms: walk.began_ms, mending: walk.mending, texts: typed(), scans: [...form.querySelectorAll('input[type=file]')].some((c) => c.files.length) || walk.carried.length > 0 };
      try { await keep(`draft/${seat}`, await lock(key, utf8.encode(JSON.stringify(draft)))); } catch { /* what was typed is lost, what was saved is not */ }
      leave();
    }
    clearPaper();
    await showWork();
    await showAll();
  };
  const takeUpDraft = async () => {
    const box = await kept(`draft/${seat}`);
    if (!box) return;
    try {
      const draft = JSON.parse(new TextDecoder().decode(await unlock(open.key, box)));
      const procedure = set.find((one) => one.code === draft.procedure);
      if (!procedure) return;
      walk = { procedure, began_ms: draft.began_ms, carried: [], mending: draft.mending };
      draw(procedure);
      put(draft.texts);
      if (draft.mending) { const row = await oneItem(draft.mending.id); if (row) carry((await reopen(row)).files); }
      if (draft.scans) say(words('scan-again'));
    } catch { await forget(`draft/${seat}`); }
  };
  const change = (key, changes) => run('readwrite', ['kept'], (store) => { const q = store('kept').get(key); q.onsuccess = () => store('kept').put({ ...q.result, ...changes }, key); });
  // Counted in one step, so that no two tries count as one.
  const countTry = (key) => run('readwrite', ['kept'], (store, give) => {
    const q = store('kept').get(key);
    q.onsuccess = () => { const wrong = q.result.wrong + 1; store('kept').put({ ...q.result, wrong }, key); give(wrong); };
  });
  // Opens the place that was begun with, whichever was chosen since. Of two that are opened at once the first one stays.
  const enter = async (inner, known) => {
    const own = await subtle.importKey('pkcs8', inner.slice(32), ECDH, false, ['deriveBits']);
    const key = await aes(inner.slice(0, 32), ['encrypt', 'decrypt']);
    if (open) return false;
    open = { key, own };
    [seat, device] = [known.account, known];
    return true;
  };
  // Nobody is kept from her work by a passkey that was not made: the PIN opens as before.
  const addPasskey = async (name, inner) => {
    try {
      const { kept: passkey, key } = await window.tinhsoPasskey.make(name);
      return { ...passkey, box: await lock(key, inner) };
    } catch { return null; }
  };
  const wrong = (text) => { const told = $('locked').querySelector('[data-wrong]'); told.textContent = text; told.hidden = !text; };
  const unlockByPasskey = async () => {
    const known = (await kept(slot())) || {};
    const { passkey } = known;
    if (!passkey) return;
    let isOpened;
    try { isOpened = await enter(await unlock(await window.tinhsoPasskey.read(passkey), passkey.box), known); } catch { wrong(words('passkey-wrong')); return; }
    if (isOpened) await welcome();
  };
  const unlockWith = async (pin, wantsPasskey = false) => {
    const [key, known] = [slot(), await kept(slot())];
    if (known.wrong >= WRONG_MAX) { wrong(words('pin-blocked')); return; }
    let inner;
    let isOpened;
    // Counted before it is tried: pulling the plug gives no further guess.
    const tries = await countTry(key);
    try {
      inner = await unlock(await pinKey(pin, known.salt, known.rounds), known.box);
      isOpened = await enter(inner, known);
    } catch {
      if (tries >= WRONG_MAX) {
        // What the PIN opened is gone for good; what is sealed for the server is still sent.
        await change(key, { wrong: WRONG_MAX, box: null });
        wrong(words('pin-blocked'));
      } else { wrong(words('pin-wrong', { n: WRONG_MAX - tries })); }
      return;
    }
    if (!isOpened) { await change(key, { wrong: 0 }); return; }
    const passkey = wantsPasskey && (await addPasskey(known.officer, inner));
    await change(key, passkey ? { wrong: 0, passkey } : { wrong: 0 });
    await welcome();
    if (wantsPasskey && !passkey) say(words('passkey-failed'));
  };
  const welcome = async () => {
    wrong('');
    $('passkey-add').checked = false;
    active = Date.now();
    await showAll();
    show('choose');
    showFound();
    $('q').focus();
    await takeUpDraft();
    await showWork();
    look();
  };
  const register = async () => {
    const told = $('register').querySelector('[data-wrong]');
    const wrong = (key) => { told.textContent = words(key); told.hidden = false; };
    const pin = $('pin-new').value;
    const before = me && (await kept(slot(me.account)));
    if (before && (await items()).some((row) => deviceOf(row) === before.id)) { wrong('register-waits'); return; }
    if (me && device && me.desk !== device.desk && seats.some((one) => one.account !== me.account)) { wrong('line-elsewhere'); return; }
    if (pin.length < PIN_MIN) { wrong('pin-short'); return; }
    if (pin !== $('pin-again').value) { wrong('pin-differs'); return; }
    const pair = await subtle.generateKey(ECDH, true, ['deriveBits']);
    const answer = await ask('/api/desk/offline/devices', { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ label: $('label').value, key: base64(await subtle.exportKey('raw', pair.publicKey)) }) });
    if (!answer || !answer.ok || !me) { wrong('register-online'); return; }
    const told_us = await answer.json();
    const salt = random(16);
    const inner = join(random(32), new Uint8Array(await subtle.exportKey('pkcs8', pair.privateKey)));
    const box = await lock(await pinKey(pin, salt, ROUNDS), inner);
    const wantsPasskey = $('passkey-new').checked && hasPasskeys;
    const passkey = wantsPasskey ? await addPasskey(me.name, inner) : null;
    const place = { id: told_us.id, server: unbase64(told_us.key), officer: me.name, account: me.account, desk: me.desk, salt, rounds: ROUNDS, box, passkey, wrong: 0, codes: told_us.codes.map((block) => ({ ...block, next: block.first })) };
    await run('readwrite', ['kept'], (store) => {
      const q = store('kept').get('seats');
      q.onsuccess = () => {
        const others = (q.result || []).filter((one) => one.account !== place.account);
        store('kept').put([...others, { account: place.account, name: place.officer, device: place.id }], 'seats');
        store('kept').put(place, slot(place.account));
        store('kept').put(place.account, 'seat');
        ['work', 'draft'].forEach((name) => store('kept').delete(`${name}/${place.account}`));
      };
    });
    if (!open) seat = place.account;
    isAdding = false;
    done.codes = -Infinity;
    done.work = -Infinity;
    $('pin-new').value = '';
    $('pin-again').value = '';
    told.hidden = true;
    if (navigator.storage && navigator.storage.persist && !(await navigator.storage.persist())) say(words('storage-unsure'));
    await showAll();
    await unlockWith(pin);
    if (wantsPasskey && !passkey) say(words('passkey-failed'));
  };

  // ---- the line
  const ask = async (path, init = {}) => {
    const slow = init.body instanceof FormData;
    try {
      return await fetch(path, { cache: 'no-store', redirect: 'manual', ...init, headers: { accept: 'application/json, application/problem+json', ...init.headers }, signal: AbortSignal.timeout(slow ? 900000 : 15000) });
    } catch { return null; }
  };
  const STATES = { working: 'up', revoked: 'revoked', unknown: 'revoked', elsewhere: 'elsewhere' };
  const measure = async () => {
    const from = Date.now();
    const answer = await ask(`/api/desk/offline/now${device ? `?device=${device.id}` : ''}`);
    const to = Date.now();
    if (!answer || answer.status >= 500) { line = 'down'; return false; }
    if (!answer.ok) { line = 'signed-out'; return false; }
    me = await answer.json();
    line = device ? STATES[me.device] : 'up';
    if (to - from < 10000 && to >= from) {
      clock = { offset_ms: Math.round(me.now_ms - (from + to) / 2), contact_ms: me.now_ms, last_ms: to };
      await keep('clock', clock);
    }
    return true;
  };
  const done = { codes: -Infinity, set: -Infinity, work: -Infinity };
  const isDue = (what) => performance.now() - done[what] > 600000;
  // Every place of the browser has its codes: who comes to the counter with the line down finds hers.
  const fetchCodes = async () => {
    const due = isDue('codes');
    for (const { account } of seats) {
      const one = await kept(slot(account));
      if (!one || !(due || left(one) < CODES_LOW)) continue;
      const codes = await ask(`/api/desk/offline/devices/${one.id}/codes`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ clock_ms: Math.round(clock.offset_ms || 0), left: left(one) }) });
      if (codes && codes.ok) { await mergeCodes(account, await codes.json()); done.codes = performance.now(); }
    }
    await readDevice();
  };
  const refresh = async () => {
    await fetchCodes();
    const fresh = isDue('set') && await ask('/api/desk/offline/set');
    if (fresh && fresh.ok) {
      done.set = performance.now();
      set = (await fresh.json()).procedures;
      await keep('set', set);
      if (!$('choose').hidden) showFound();
    }
    // The list of who is signed in is kept for her alone, not for who opened the page.
    const work = open && me.account === seat && isDue('work') && (await ask('/api/desk/dossiers?tab=all'));
    if (work && work.ok && open) {
      await keep(`work/${seat}`, await lock(open.key, utf8.encode(JSON.stringify({ made_ms: me.now_ms, rows: (await work.json()).items }))));
      done.work = performance.now();
      await showWork();
    }
  };
  const settle = async (row, outcome) => {
    if (outcome.state !== 'taken') {
      await run('readwrite', ['items'], (store) => { const q = store('items').get(row.id); q.onsuccess = () => { if (q.result) store('items').put({ ...q.result, state: 'refused', reasons: outcome.reasons }); }; });
      return;
    }
    // Gone from the device only when the server has said that it has it.
    await run('readwrite', ['items', 'kept'], (store) => {
      store('items').delete(row.id);
      const q = store('kept').get('sent');
      q.onsuccess = () => {
        const others = (q.result || []).filter((one) => one.dossier !== outcome.dossier);
        const { code, dossier, received_at, ground } = outcome;
        store('kept').put([{ code, dossier, received_at, ground }, ...others].slice(0, 30), 'sent');
      };
    });
  };
  const sendAll = async () => {
    const rows = (await items()).filter((row) => row.state === 'waiting');
    if (!rows.length) return;
    say(words('sending', { n: rows.length }));
    let taken = 0;
    let refusedCount = 0;
    for (const row of rows) {
      const body = new FormData();
      body.append('_csrf', me.csrf);
      body.append('_once', row.id);
      body.append('clock_ms', String(Math.round(clock.offset_ms || 0)));
      body.append('item', new Blob([row.sealed], { type: 'application/octet-stream' }), 'item.tso');
      const answer = await ask('/api/desk/offline/items', { method: 'POST', body });
      if (!answer || !answer.ok) break;
      const outcome = await answer.json();
      await settle(row, outcome);
      if (outcome.state === 'taken') taken += 1; else refusedCount += 1;
    }
    tellTabs();
    if (taken || refusedCount) say(words('sent', { done: taken, refused: refusedCount }), refusedCount ? 'late' : 'ok');
    await showItems();
  };
  const setAside = async (row, reason) => {
    const answer = reason && (await ask(`/api/desk/offline/items/${row.id}/set-aside`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify({ device: deviceOf(row), code: row.code, printed_ms: row.printed_ms, reason }) }));
    if (!answer || !answer.ok) { say(words('register-online'), 'late'); return; }
    await run('readwrite', ['items'], (store) => { store('items').delete(row.id); });
    tellTabs();
    await showItems();
  };
  let looking = false;
  const look = async () => {
    if (looking) return;
    looking = true;
    try {
      await readSeats();
      if ((await measure()) && device && (line === 'up' || line === 'revoked')) {
        // A device that was revoked still asks: each item is then refused with the reason, and an officer settles it.
        if (line === 'up') await refresh();
        const once = () => sendAll();
        // Of several tabs one sends; the server would know a second sending anyway.
        if (navigator.locks) await navigator.locks.request('tinhso-offline-send', { ifAvailable: true }, (mine) => (mine ? once() : undefined));
        else await once();
      }
    } catch { say(words('storage-refused'), 'late'); } finally { looking = false; showLine(); }
  };

  // ---- begin
  const tick = () => {
    const idle = Date.now() - active;
    if (open && (idle > IDLE_MS || idle < -TOLD_MS)) lockUp();
    if (Date.now() > clock.last_ms) { clock.last_ms = Date.now(); keep('clock', clock).catch(() => {}); }
    showLine();
  };
  const listen = () => {
    ['keydown', 'pointerdown', 'input'].forEach((kind) => document.addEventListener(kind, () => { active = Date.now(); }, { capture: true, passive: true }));
    $('register').querySelector('form').addEventListener('submit', (event) => { event.preventDefault(); register().catch(() => say(words('storage-refused'), 'late')); });
    $('locked').querySelector('form').addEventListener('submit', (event) => { event.preventDefault(); const pin = $('pin').value; $('pin').value = ''; unlockWith(pin, $('passkey-add').checked).catch(() => say(words('storage-refused'), 'late')); });
    $('passkey').addEventListener('click', unlockByPasskey);
    $('seat').addEventListener('change', () => choose($('seat').value));
    $('add').addEventListener('click', async () => { isAdding = true; await showAll(); $('pin-new').focus(); });
    $('add-cancel').addEventListener('click', () => { isAdding = false; showAll(); });
    $('q').addEventListener('input', showFound);
    $('lock').addEventListener('click', lockUp);
    $('send').addEventListener('click', look);
    $('print').addEventListener('click', () => print());
    $('next').addEventListener('click', () => { clearPaper(); leave(); });
    if (form) {
      form.addEventListener('submit', (event) => { event.preventDefault(); save(); });
      form.addEventListener('change', conditional);
      $('cancel').addEventListener('click', async () => { await forget(`draft/${seat}`); leave(); });
    }
    addEventListener('online', look);
    addEventListener('offline', () => { line = 'down'; showLine(); });
    if (tabs) tabs.addEventListener('message', () => { showItems(); });
    setInterval(tick, 5000);
    setInterval(look, LOOK_MS);
  };
  const keepPage = async () => {
    if (!('serviceWorker' in navigator)) return;
    await navigator.serviceWorker.register('/desk/offline/worker.js', { scope: '/desk/offline' });
    const worker = await navigator.serviceWorker.ready;
    const name = (await caches.keys()).find((one) => one.startsWith('offline-desk-'));
    if (worker && name && line !== 'down') await (await caches.open(name)).add('/desk/offline').catch(() => {});
    app.dataset.kept = 'yes';
  };
  const start = async () => {
    if (!window.isSecureContext || !subtle) { refused('insecure'); return; }
    try {
      db = await openStorage();
      db.onversionchange = () => db.close();
      await keep('try', Date.now());
      await moveOld();
    } catch { refused('storage-refused'); return; }
    hasPasskeys = Boolean(window.tinhsoPasskey) && (await window.tinhsoPasskey.can());
    app.hidden = false;
    listen();
    await showAll();
    await look();
    await showAll();
    keepPage().catch(() => {});
  };
  start();
})();
