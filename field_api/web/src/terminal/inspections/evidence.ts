/** Evidence: a photo's original untouched beside a copy that says when, where and by whom; a voice note. */
import { sha256Hex } from '$shared/sha256';
import type { Handheld } from '../handheld.svelte';
import type { Photo, TerminalDatabase } from '../outbox/database';
import { makePhoto, type Caption } from '../photo';
import { signedHere } from './device-key';

type Place = Pick<Photo, 'lat_deg' | 'lon_deg'>;

/** Hash, time and place, signed by this handheld. */
async function signed(sha256: string, takenMs: number, { lat_deg, lon_deg }: Place, database: TerminalDatabase) {
  return (await signedHere(database, [sha256, takenMs, lat_deg ?? '', lon_deg ?? ''].join(' '))).device_signature;
}

/** Original and copy; the original's hash is taken before anything else is done with it. */
export async function takeEvidence(file: Blob, caption: Caption, database: TerminalDatabase): Promise<Photo[]> {
  const sha256 = await sha256Hex(file);
  const { lat_deg = null, lon_deg = null } = caption.position ?? {};
  const { takenMs } = caption;
  const place = { lat_deg, lon_deg };
  const original: Photo = {
    sha256,
    picture: file,
    takenMs,
    uploaded: 0,
    ...place,
    role: 'original',
    signature: await signed(sha256, takenMs, place, database),
  };
  const copy = await makePhoto(file, caption);
  return [
    original,
    { ...copy, role: 'photo', of: sha256, signature: await signed(copy.sha256, takenMs, place, database) },
  ];
}

/** Take a photo and store it; returns the hashes of original and copy. */
export async function keepPhoto(handheld: Handheld, file: Blob, what: string, noPosition: string): Promise<string[]> {
  const caption = {
    takenMs: Date.now(),
    position: handheld.position.fix,
    who: `${handheld.user?.terminal_id} ${handheld.user?.name}`,
    what,
    noPosition,
  };
  const photos = await takeEvidence(file, caption, handheld.database);
  await handheld.database.photos.bulkPut(photos);
  return photos.map(({ sha256 }) => sha256);
}

/** Store a voice note as it was recorded; returns its hash. */
export async function keepVoice(handheld: Handheld, voice: Blob): Promise<string> {
  const sha256 = await sha256Hex(voice);
  const takenMs = Date.now();
  const { lat_deg = null, lon_deg = null } = handheld.position.fix ?? {};
  const place = { lat_deg, lon_deg };
  const signature = await signed(sha256, takenMs, place, handheld.database);
  await handheld.database.photos.put({ sha256, picture: voice, takenMs, uploaded: 0, ...place, role: 'voice', signature });
  return sha256;
}

/** Of photos kept here, the copies that are looked at and the originals. */
export async function copiesAndOriginals(database: TerminalDatabase, media: readonly string[]): Promise<{ copies: string[]; originals: string[] }> {
  const photos = (await database.photos.bulkGet([...media])).filter((photo) => photo !== undefined);
  const of = (original: boolean) =>
    photos.filter(({ role }) => (role === 'original') === original).map(({ sha256 }) => sha256);
  return { copies: of(false), originals: of(true) };
}
