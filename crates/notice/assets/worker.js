// Shows a push and leads to its page. It keeps nothing, and answers no request of a page.
'use strict';
self.addEventListener('push', (event) => {
  let told = {};
  try { told = event.data.json(); } catch { return; }
  event.waitUntil(self.registration.showNotification(told.title || '', { body: told.text || '', tag: told.id, data: told.path || '/' }));
});
self.addEventListener('notificationclick', (event) => {
  event.notification.close();
  const path = String(event.notification.data);
  if (path.startsWith('/') && !path.startsWith('//')) event.waitUntil(self.clients.openWindow(path));
});
