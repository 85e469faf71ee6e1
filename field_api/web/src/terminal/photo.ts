/** A photo as evidence: scaled, with time and place burnt in, named by its SHA-256. */
import { clock, dateTime, degrees } from '$shared/format';
import type { LatLon } from '$shared/geodesy';
import { sha256Hex } from '$shared/sha256';
import type { Photo } from './outbox/database';

const LONGEST_SIDE_PX = 1600;
const QUALITY = 0.85;

export interface Caption {
  takenMs: number;
  position: (LatLon & { accuracy_m: number | null }) | null;
  who: string;
  what: string;
  noPosition: string;
}

/** The two lines that are burnt in. */
export function captionLines(caption: Caption): [string, string] {
  const { position } = caption;
  const accuracy = position?.accuracy_m == null ? '' : ` ±${Math.round(position.accuracy_m)} m`;
  const where = position
    ? `${degrees(position.lat_deg, position.lon_deg)} WGS-84${accuracy}`
    : caption.noPosition;
  return [`${dateTime(caption.takenMs)}  ${caption.who}`, `${where}  ${caption.what}`];
}

export async function makePhoto(file: Blob, caption: Caption): Promise<Photo> {
  const picture = await createImageBitmap(file, { imageOrientation: 'from-image' });
  const scale = Math.min(1, LONGEST_SIDE_PX / Math.max(picture.width, picture.height));
  const canvas = document.createElement('canvas');
  canvas.width = Math.max(1, Math.round(picture.width * scale));
  canvas.height = Math.max(1, Math.round(picture.height * scale));
  const context = canvas.getContext('2d')!;
  context.drawImage(picture, 0, 0, canvas.width, canvas.height);
  picture.close();
  burnIn(context, captionLines(caption));
  const blob = await new Promise<Blob | null>((done) => canvas.toBlob(done, 'image/jpeg', QUALITY));
  if (!blob) throw new Error(`the photo taken at ${clock(caption.takenMs)} could not be encoded`);
  const { lat_deg = null, lon_deg = null } = caption.position ?? {};
  return { sha256: await sha256Hex(blob), picture: blob, takenMs: caption.takenMs, uploaded: 0, lat_deg, lon_deg };
}

function burnIn(context: CanvasRenderingContext2D, lines: string[]): void {
  const { width, height } = context.canvas;
  let size = Math.max(12, Math.round(width / 44));
  context.font = `${size}px sans-serif`;
  const widest = Math.max(...lines.map((line) => context.measureText(line).width));
  // A small picture gets smaller letters rather than a cut-off position.
  size = Math.max(8, Math.floor(Math.min(size, (size * (width - size)) / widest)));
  context.font = `${size}px sans-serif`;
  const line = size * 1.5;
  context.fillStyle = 'rgba(0, 0, 0, 0.62)';
  context.fillRect(0, height - line * lines.length - size * 0.5, width, line * lines.length + size);
  context.fillStyle = '#ffffff';
  context.textBaseline = 'middle';
  lines.forEach((text, index) => {
    context.fillText(text, size * 0.6, height - line * (lines.length - index - 0.5) - size * 0.25);
  });
}
