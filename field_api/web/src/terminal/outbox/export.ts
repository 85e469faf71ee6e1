/**
 * The last resort: everything that is only on this handheld, in one file that any program reads.
 * JSON; pictures as base64, named by their SHA-256. Other people's records go with it: they would
 * be lost with the device as well.
 */
import { mediaIn, mediaOf } from './outbox';
import type { Photo, TerminalDatabase } from './database';

const CHUNK = 0x8000;

function base64(bytes: Uint8Array): string {
  let text = '';
  for (let at = 0; at < bytes.length; at += CHUNK) text += String.fromCharCode(...bytes.subarray(at, at + CHUNK));
  return btoa(text);
}

async function pictureLine({ picture, ...facts }: Photo): Promise<string> {
  const bytes = new Uint8Array(await picture.arrayBuffer());
  return JSON.stringify({ ...facts, type: picture.type, base64: base64(bytes) });
}

export async function exportFile(database: TerminalDatabase, device: string, nowMs = Date.now()): Promise<Blob> {
  const items = await database.outbox.where('state').notEqual('sent').toArray();
  const drafts = await database.drafts.toArray();
  const notes = await database.notes.toArray();
  const documents = await database.documents.toArray();
  const named = new Set([
    ...items.flatMap(({ work }) => mediaOf(work)),
    ...drafts.flatMap(({ now }) => mediaIn(now)),
    ...notes.flatMap(({ value }) => mediaIn(value ?? {})),
  ]);
  const head = JSON.stringify({ made_ms: nowMs, device, items, drafts, notes }).slice(0, -1);
  const parts: string[] = [`${head},"pictures":[`];
  let first = true;
  const add = (line: string) => {
    parts.push(first ? `\n${line}` : `,\n${line}`);
    first = false;
  };
  // One after the other: all of them at once would not fit into a phone's memory.
  for (const sha256 of named) {
    const photo = await database.photos.get(sha256);
    if (photo) add(await pictureLine(photo));
  }
  parts.push('\n],"documents":[');
  first = true;
  for (const { sha256, paperId, pdf } of documents) {
    add(JSON.stringify({ sha256, paperId, base64: base64(new Uint8Array(await pdf.arrayBuffer())) }));
  }
  parts.push('\n]}\n');
  return new Blob(parts, { type: 'application/json' });
}
