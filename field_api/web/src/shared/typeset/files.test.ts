import { createHash } from 'node:crypto';
import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { ALL, TOTAL_BYTES, dropOthers, fetchKept, isKept, type EngineFile } from './files';

const CONTENT = new TextEncoder().encode('a font of which the device keeps a copy');
const FILE: EngineFile = {
  url: '/assets/font.ttf',
  bytes: CONTENT.length,
  sha256: createHash('sha256').update(CONTENT).digest('hex'),
};

let kept: Map<string, Response>;
beforeEach(() => {
  kept = new Map();
  vi.stubGlobal('caches', {
    open: async () => ({
      match: async (key: string) => kept.get(key)?.clone(),
      put: async (key: string, response: Response) => void kept.set(key, response),
      delete: async (key: string | Request) =>
        kept.delete(typeof key === 'string' ? key : new URL(key.url).pathname),
      keys: async () => [...kept.keys()].map((key) => new Request(`http://post.example${key}`)),
    }),
  });
});
afterEach(() => vi.unstubAllGlobals());

const serving = (bytes: Uint8Array<ArrayBuffer> | null, status = 200) => {
  const fetched = vi.fn(async () => new Response(bytes, { status }));
  vi.stubGlobal('fetch', fetched);
  return fetched;
};

test('a file is fetched once, told piece by piece, and then found on the device', async () => {
  const fetched = serving(CONTENT);
  let told = 0;
  expect(await isKept(FILE)).toBe(false);
  expect(await fetchKept(FILE, (bytes) => (told += bytes))).toEqual(CONTENT);
  expect(told).toBe(CONTENT.length);
  expect(await isKept(FILE)).toBe(true);
  expect(await fetchKept(FILE, () => undefined)).toEqual(CONTENT);
  expect(fetched).toHaveBeenCalledTimes(1);
});

test.each([
  ['other bytes', CONTENT.map((byte) => byte ^ 1), 'arrived damaged'],
  ['a piece missing', CONTENT.slice(0, 9), 'broke off at 9'],
  ['more than there is', new Uint8Array(100), 'longer than expected'],
])('%s: refused and not kept', async (_, bytes, reason) => {
  serving(bytes);
  await expect(fetchKept(FILE, () => undefined)).rejects.toThrow(reason);
  expect(kept.size).toBe(0);
});

test('a refusal says what the post answered', async () => {
  serving(null, 404);
  await expect(fetchKept(FILE, () => undefined)).rejects.toThrow('HTTP 404');
});

test('a copy that went bad on the device is fetched anew', async () => {
  serving(CONTENT);
  await fetchKept(FILE, () => undefined);
  for (const key of kept.keys()) kept.set(key, new Response('rot'));
  const fetched = serving(CONTENT);
  expect(await fetchKept(FILE, () => undefined)).toEqual(CONTENT);
  expect(fetched).toHaveBeenCalledTimes(1);
});

test('what an older build needed is dropped, what this one needs stays', async () => {
  kept.set('/typeset-files/old', new Response('old'));
  for (const file of ALL) kept.set(`/typeset-files/${file.sha256}`, new Response('new'));
  await dropOthers();
  expect(kept.size).toBe(ALL.length);
  expect(kept.has('/typeset-files/old')).toBe(false);
});

test('the build knows size and hash of compiler and fonts', () => {
  expect(ALL.length).toBe(4);
  expect(TOTAL_BYTES).toBeGreaterThan(30_000_000);
  for (const file of ALL) expect(file.sha256).toMatch(/^[0-9a-f]{64}$/);
});
