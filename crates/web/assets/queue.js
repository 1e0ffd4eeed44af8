// The wall of a desk's queue: asks every three seconds, and calls a number out when it is new. Speaking begins after one
// press, as browsers ask. Without this script the page refreshes itself. The kiosk's paper prints itself.
'use strict';
(() => {
  const board = document.getElementById('board');
  const paper = document.querySelector('[data-auto-print]');
  if (paper && !navigator.webdriver) addEventListener('load', () => print());
  if (!board) return;
  // The page that was asked for refreshes itself by a header; its twin does not, and asks by script.
  const here = new URL(location.href);
  if (!here.searchParams.has('live')) {
    here.searchParams.set('live', 'yes');
    location.replace(here);
    return;
  }
  let mark = board.dataset.mark || '';
  let speaks = false;
  const voice = document.querySelector('[data-voice]');
  const speech = 'speechSynthesis' in window ? window.speechSynthesis : null;
  const say = (words) => {
    board.dataset.said = words;
    if (!speaks || !speech) return;
    const call = new SpeechSynthesisUtterance(words);
    call.lang = 'vi-VN';
    call.rate = 0.9;
    speech.speak(call);
  };
  if (voice && speech) {
    voice.hidden = false;
    voice.addEventListener('click', () => {
      speaks = true;
      voice.hidden = true;
      if (board.dataset.say) say(board.dataset.say);
    });
  }
  const look = async () => {
    try {
      const answer = await fetch(location.href, { headers: { accept: 'text/html' }, cache: 'no-store' });
      if (!answer.ok) return;
      const page = new DOMParser().parseFromString(await answer.text(), 'text/html');
      const fresh = page.getElementById('board');
      if (!fresh) return;
      board.innerHTML = fresh.innerHTML;
      board.dataset.say = fresh.dataset.say || '';
      const now = fresh.dataset.mark || '';
      if (now && now !== mark) say(board.dataset.say);
      mark = now;
    } catch { /* the line is down: the next look finds it again */ }
  };
  setInterval(look, 3000);
})();
