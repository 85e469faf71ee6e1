/** This handheld's own key: made here, kept by the browser, never to be read by anybody. */
import type { TerminalDatabase } from '../outbox/database';

const base64url = (bytes: ArrayBuffer): string =>
  btoa(String.fromCharCode(...new Uint8Array(bytes)))
    .replaceAll('+', '-')
    .replaceAll('/', '_')
    .replaceAll('=', '');

async function keyOf(database: TerminalDatabase): Promise<CryptoKeyPair> {
  const kept = await database.keys.get('device');
  if (kept) return kept.pair;
  const pair = (await crypto.subtle.generateKey({ name: 'Ed25519' }, false, ['sign', 'verify'])) as CryptoKeyPair;
  // Two pages that open at once must not end with two keys: the first one stored counts.
  await database.transaction('rw', database.keys, async () => {
    if (!(await database.keys.get('device'))) await database.keys.add({ id: 'device', pair });
  });
  return (await database.keys.get('device'))!.pair;
}

export interface DeviceSignature {
  /** Public key and signature, base64url. */
  device_key: string;
  device_signature: string;
}

/** Sign a text, e.g. the hash of a document. Both are empty where the browser knows no Ed25519. */
export async function signedHere(database: TerminalDatabase, text: string): Promise<DeviceSignature> {
  try {
    const { privateKey, publicKey } = await keyOf(database);
    const signature = await crypto.subtle.sign({ name: 'Ed25519' }, privateKey, new TextEncoder().encode(text));
    return {
      device_key: base64url(await crypto.subtle.exportKey('raw', publicKey)),
      device_signature: base64url(signature),
    };
  } catch (problem) {
    if (!(problem instanceof DOMException) || problem.name !== 'NotSupportedError') throw problem;
    return { device_key: '', device_signature: '' };
  }
}
