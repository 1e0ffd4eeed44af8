// Bytes and keys of the desk that works with the line down: what the officer's PIN seals, and the item that is sealed to the
// server. Owns the format (docs/offline-desk.md); keeps nothing, and knows neither page nor storage.
'use strict';
(() => {
  const subtle = window.crypto && window.crypto.subtle;
  const utf8 = new TextEncoder();
  const random = (length) => crypto.getRandomValues(new Uint8Array(length));
  const join = (...parts) => {
    const all = new Uint8Array(parts.reduce((sum, part) => sum + part.byteLength, 0));
    parts.reduce((at, part) => { all.set(new Uint8Array(part.buffer || part, part.byteOffset || 0, part.byteLength), at); return at + part.byteLength; }, 0);
    return all;
  };
  const base64 = (bytes) => btoa(String.fromCharCode(...new Uint8Array(bytes))).replace(/\+/g, '-').replace(/\//g, '_').replace(/=+$/, '');
  const unbase64 = (text) => Uint8Array.from(atob(text.replace(/-/g, '+').replace(/_/g, '/')), (c) => c.charCodeAt(0));
  const uuidBytes = (id) => Uint8Array.from(id.replace(/-/g, '').match(/../g), (pair) => parseInt(pair, 16));
  const aes = (raw, uses) => subtle.importKey('raw', raw, 'AES-GCM', false, uses);
  const lock = async (key, plain, aad = new Uint8Array()) => { const iv = random(12); return { iv, text: new Uint8Array(await subtle.encrypt({ name: 'AES-GCM', iv, additionalData: aad }, key, plain)) }; };
  const unlock = async (key, box, aad = new Uint8Array()) => new Uint8Array(await subtle.decrypt({ name: 'AES-GCM', iv: box.iv, additionalData: aad }, key, box.text));
  const pinKey = async (pin, salt, rounds) => {
    const secret = await subtle.importKey('raw', utf8.encode(pin.normalize('NFC')), 'PBKDF2', false, ['deriveKey']);
    return subtle.deriveKey({ name: 'PBKDF2', hash: 'SHA-256', salt, iterations: rounds }, secret, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
  };
  const ECDH = { name: 'ECDH', namedCurve: 'P-256' };

  // ---- an item: docs/offline-desk.md, "The sealed item"
  const INFO = 'tinhso offline item v1\0';
  const seal = async ({ device, open }, id, head, files) => {
    const front = join(utf8.encode('TSO1'), uuidBytes(device.id), uuidBytes(id));
    const once = await subtle.generateKey(ECDH, true, ['deriveBits']);
    const point = new Uint8Array(await subtle.exportKey('raw', once.publicKey));
    const server = await subtle.importKey('raw', device.server, ECDH, false, []);
    const shared = async (key) => new Uint8Array(await subtle.deriveBits({ name: 'ECDH', public: server }, key, 256));
    const secret = join(await shared(once.privateKey), await shared(open.own));
    const base = await subtle.importKey('raw', secret, 'HKDF', false, ['deriveKey']);
    const wrapping = await subtle.deriveKey({ name: 'HKDF', hash: 'SHA-256', salt: point, info: join(utf8.encode(INFO), front) }, base, { name: 'AES-GCM', length: 256 }, false, ['encrypt']);
    const content = random(32);
    const withPoint = join(front, point);
    const wrapped = await lock(wrapping, content, withPoint);
    const aad = join(withPoint, wrapped.iv, wrapped.text);
    const json = utf8.encode(JSON.stringify({ ...head, files: files.map(({ field, name, bytes }) => ({ field, name, size: bytes.byteLength })) }));
    const length = new Uint8Array(4);
    new DataView(length.buffer).setUint32(0, json.byteLength);
    const payload = await lock(await aes(content, ['encrypt']), join(length, json, ...files.map((file) => file.bytes)), aad);
    return { sealed: join(aad, payload.iv, payload.text), own: await lock(open.key, content, front) };
  };
  const FRONT = 36;
  const AAD = FRONT + 65 + 12 + 48;
  const reopen = async (open, row) => {
    const content = await unlock(open.key, row.own, row.sealed.slice(0, FRONT));
    const plain = await unlock(await aes(content, ['decrypt']), { iv: row.sealed.slice(AAD, AAD + 12), text: row.sealed.slice(AAD + 12) }, row.sealed.slice(0, AAD));
    const length = new DataView(plain.buffer, plain.byteOffset).getUint32(0);
    const head = JSON.parse(new TextDecoder().decode(plain.slice(4, 4 + length)));
    let at = 4 + length;
    const files = head.files.map((file) => { const bytes = plain.slice(at, at + file.size); at += file.size; return { field: file.field, name: file.name, bytes }; });
    return { head, files };
  };
  // The device whose place sealed an item, as its id is written.
  const deviceOf = (row) => Array.from(row.sealed.slice(4, 20), (byte) => byte.toString(16).padStart(2, '0')).join('').replace(/^(.{8})(.{4})(.{4})(.{4})/, '$1-$2-$3-$4-');
  window.tinhsoSeal = { subtle, utf8, random, join, base64, unbase64, aes, lock, unlock, pinKey, ECDH, seal, reopen, deviceOf };
})();
