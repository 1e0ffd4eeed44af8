// Lets this browser listen: asks the person, subscribes at the browser's push service, and sends the subscription as a form.
// Shown only where the browser can do it; nothing of a page depends on it.
'use strict';
(() => {
  const form = document.querySelector('form[data-push-key]');
  if (!form || !('serviceWorker' in navigator) || !('PushManager' in window) || !window.isSecureContext) return;
  form.hidden = false;
  const said = form.querySelector('[data-push-refused]');
  const bytes = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
  form.addEventListener('submit', async (event) => {
    if (form.endpoint.value) return;
    event.preventDefault();
    event.stopImmediatePropagation();
    try {
      const worker = await navigator.serviceWorker.register(form.dataset.pushWorker, { scope: '/notices/' });
      await new Promise((done) => {
        const own = worker.installing || worker.waiting || worker.active;
        if (own.state === 'activated') done();
        else own.addEventListener('statechange', () => { if (own.state === 'activated') done(); });
      });
      const key = bytes(form.dataset.pushKey);
      const made = await worker.pushManager.subscribe({ userVisibleOnly: true, applicationServerKey: key });
      const { endpoint, keys } = made.toJSON();
      form.endpoint.value = endpoint;
      form.p256dh.value = keys.p256dh;
      form.auth.value = keys.auth;
      form.submit();
    } catch {
      said.textContent = said.dataset.pushRefused;
    }
  }, true);
})();
