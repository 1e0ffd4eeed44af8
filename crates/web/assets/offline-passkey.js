// A passkey of this machine that opens what an officer's PIN opens (WebAuthn with the extension PRF, by which it gives the same
// secret for the same salt, and only to who shows finger, face or screen code). It owns no text, and asks no server: it has
// to work with the line down. A passkey without PRF is refused: it would prove somebody, and open nothing.
'use strict';
(() => {
  const subtle = window.crypto && window.crypto.subtle;
  const random = (length) => crypto.getRandomValues(new Uint8Array(length));
  const INFO = new TextEncoder().encode('tinhso offline passkey v1');
  const can = async () => {
    try {
      return Boolean(subtle && window.PublicKeyCredential && (await PublicKeyCredential.isUserVerifyingPlatformAuthenticatorAvailable()));
    } catch { return false; }
  };
  const keyOf = async (secret) => {
    const base = await subtle.importKey('raw', secret, 'HKDF', false, ['deriveKey']);
    return subtle.deriveKey({ name: 'HKDF', hash: 'SHA-256', salt: new Uint8Array(), info: INFO }, base, { name: 'AES-GCM', length: 256 }, false, ['encrypt', 'decrypt']);
  };
  const secretOf = (credential) => {
    const { prf } = credential.getClientExtensionResults();
    return prf && prf.results && prf.results.first;
  };
  // The key that a kept passkey gives; fails when nobody shows herself, or when it is another's.
  const read = async ({ id, salt }) => {
    const credential = await navigator.credentials.get({ publicKey: {
      challenge: random(32), rpId: location.hostname, userVerification: 'required', timeout: 60000,
      allowCredentials: [{ type: 'public-key', id, transports: ['internal'] }], extensions: { prf: { eval: { first: salt } } },
    } });
    const secret = secretOf(credential);
    if (!secret) throw new Error('no secret');
    return keyOf(secret);
  };
  // A new one, and the key that it gives.
  const make = async (name) => {
    const salt = random(32);
    const credential = await navigator.credentials.create({ publicKey: {
      challenge: random(32), rp: { id: location.hostname, name: location.hostname }, user: { id: random(16), name, displayName: name }, timeout: 60000,
      pubKeyCredParams: [{ type: 'public-key', alg: -7 }, { type: 'public-key', alg: -257 }],
      authenticatorSelection: { authenticatorAttachment: 'platform', residentKey: 'preferred', userVerification: 'required' },
      extensions: { prf: { eval: { first: salt } } },
    } });
    const { prf } = credential.getClientExtensionResults();
    if (!prf || !prf.enabled) throw new Error('no PRF');
    const kept = { id: new Uint8Array(credential.rawId), salt };
    const secret = secretOf(credential);
    return { kept, key: secret ? await keyOf(secret) : await read(kept) };
  };
  window.tinhsoPasskey = { can, make, read };
})();
