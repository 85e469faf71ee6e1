/**
 * The compiler and the fonts: too large for the first load, fetched once on request and kept on
 * the device by their hash, so that a newer build of the page finds them again.
 */
import bold from '../../../../core/documents/fonts/NotoSansSC-Bold.ttf?url';
import rare from '../../../../core/documents/fonts/NotoSansSCRare-Regular.ttf?url';
import regular from '../../../../core/documents/fonts/NotoSansSC-Regular.ttf?url';
import compiler from '@myriaddreamin/typst-ts-web-compiler/wasm?url';
import { sha256Hex } from '../sha256';

export interface EngineFile {
  url: string;
  bytes: number;
  sha256: string;
}

/** Sizes and hashes are filled in by the build (vite.config.ts). */
const known = __TYPESET_FILES__;
export const FONTS: EngineFile[] = [
  { url: bold, ...known.bold },
  { url: regular, ...known.regular },
  { url: rare, ...known.rare },
];
export const COMPILER: EngineFile = { url: compiler, ...known.compiler };
export const ALL: EngineFile[] = [COMPILER, ...FONTS];
export const TOTAL_BYTES = ALL.reduce((sum, file) => sum + file.bytes, 0);

const CACHE = 'xunshan-typeset';
const keyOf = (file: EngineFile) => `/typeset-files/${file.sha256}`;

export async function isKept(file: EngineFile): Promise<boolean> {
  if (typeof caches === 'undefined') return false;
  return (await (await caches.open(CACHE)).match(keyOf(file))) !== undefined;
}

/**
 * The bytes of a file, from the device or else from the network. `told` hears of each piece.
 * Throws where what came is not what this build was made with: wrong bytes are never kept.
 */
export async function fetchKept(
  file: EngineFile,
  told: (bytes: number) => void,
): Promise<Uint8Array<ArrayBuffer>> {
  const cache = typeof caches === 'undefined' ? null : await caches.open(CACHE);
  const kept = await cache?.match(keyOf(file));
  if (kept) {
    const bytes = new Uint8Array(await kept.arrayBuffer());
    if ((await sha256Hex(bytes)) === file.sha256) {
      told(bytes.length);
      return bytes;
    }
    await cache?.delete(keyOf(file));
  }
  const bytes = await download(file, told);
  if ((await sha256Hex(bytes)) !== file.sha256) throw new Error(`${file.url} arrived damaged`);
  await cache?.put(keyOf(file), new Response(bytes));
  return bytes;
}

async function download(file: EngineFile, told: (bytes: number) => void): Promise<Uint8Array<ArrayBuffer>> {
  const response = await fetch(file.url);
  if (!response.ok || !response.body) throw new Error(`${file.url}: HTTP ${response.status}`);
  const bytes = new Uint8Array(file.bytes);
  let at = 0;
  const reader = response.body.getReader();
  for (let piece = await reader.read(); !piece.done; piece = await reader.read()) {
    if (at + piece.value.length > bytes.length) throw new Error(`${file.url} is longer than expected`);
    bytes.set(piece.value, at);
    at += piece.value.length;
    told(piece.value.length);
  }
  if (at !== bytes.length) throw new Error(`${file.url} broke off at ${at} of ${bytes.length} bytes`);
  return bytes;
}

/** Drop what an older build needed, once all of this one's is here. */
export async function dropOthers(): Promise<void> {
  if (typeof caches === 'undefined') return;
  const cache = await caches.open(CACHE);
  const wanted = new Set(ALL.map(keyOf));
  for (const request of await cache.keys()) {
    if (!wanted.has(new URL(request.url).pathname)) await cache.delete(request);
  }
}
