// Keeps the page of the desk that works with the line down, and its files. It answers for nothing else: its scope is that
// page alone, and what the page asks of the interface goes to the server or fails.
'use strict';
const FILES = /* FILES */ [];
const PAGE = '/desk/offline';
// The names of the files hold their hashes, so that their list names the version.
const CACHE = `offline-desk-${FILES.map((file) => file.split('.').slice(-2, -1)).join('')}`;
self.addEventListener('install', (event) => {
  event.waitUntil(caches.open(CACHE).then((cache) => cache.addAll(FILES)).then(() => self.skipWaiting()));
});
self.addEventListener('activate', (event) => {
  const old = (name) => name.startsWith('offline-desk-') && name !== CACHE;
  const move = async () => {
    const cache = await caches.open(CACHE);
    for (const name of (await caches.keys()).filter(old)) {
      const kept = await (await caches.open(name)).match(PAGE);
      // The page of the version before goes on until the new one was fetched.
      if (kept && !(await cache.match(PAGE))) await cache.put(PAGE, kept);
      else await caches.delete(name);
    }
    await self.clients.claim();
  };
  event.waitUntil(move());
});
const page = async (request) => {
  const cache = await caches.open(CACHE);
  try {
    // A line that is half down must not hold the counter up.
    const answer = await fetch(request, { signal: AbortSignal.timeout(4000) });
    if (answer.ok && !answer.redirected && answer.type === 'basic') await cache.put(PAGE, answer.clone());
    return answer.status >= 500 ? (await cache.match(PAGE)) || answer : answer;
  } catch {
    return (await caches.match(PAGE)) || Response.error();
  }
};
self.addEventListener('fetch', (event) => {
  const url = new URL(event.request.url);
  if (event.request.method !== 'GET' || url.origin !== self.location.origin) return;
  if (event.request.mode === 'navigate') {
    if (url.pathname === PAGE) event.respondWith(page(event.request));
  } else if (url.pathname.startsWith('/assets/')) {
    event.respondWith(caches.match(event.request).then((kept) => kept || fetch(event.request)));
  }
});
