/** A photo as evidence: its original untouched, a copy that says when, where and by whom. */
import { sha256Hex } from '$shared/sha256';
import type { Photo, TerminalDatabase } from '../outbox/database';
import { makePhoto, type Caption } from '../photo';
import { signedHere } from './device-key';

/** Original and copy; the original's hash is taken before anything else is done with it. */
export async function takeEvidence(file: Blob, caption: Caption, database: TerminalDatabase): Promise<Photo[]> {
  const sha256 = await sha256Hex(file);
  const { lat_deg = null, lon_deg = null } = caption.position ?? {};
  const { takenMs } = caption;
  const signed = async (hash: string): Promise<string> =>
    (await signedHere(database, [hash, takenMs, lat_deg ?? '', lon_deg ?? ''].join(' '))).device_signature;
  const original: Photo = {
    sha256,
    picture: file,
    takenMs,
    uploaded: 0,
    lat_deg,
    lon_deg,
    role: 'original',
    signature: await signed(sha256),
  };
  const copy = await makePhoto(file, caption);
  return [original, { ...copy, role: 'photo', of: sha256, signature: await signed(copy.sha256) }];
}
