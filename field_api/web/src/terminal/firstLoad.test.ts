/** What the handheld's page loads before it shows anything, as built (skipped where it is not). */
import { existsSync, readFileSync } from 'node:fs';
import { gzipSync } from 'node:zlib';
import { expect, test } from 'vitest';

const DIST = new URL('../../dist/', import.meta.url).pathname;
const page = `${DIST}terminal/index.html`;

test.skipIf(!existsSync(page))('the first load is under 350 kB compressed and holds no typesetter', () => {
  const html = readFileSync(page, 'utf8');
  const files = new Set([...html.matchAll(/(?:src|href)="(\/assets\/[^"]+)"/g)].map((found) => found[1]!));
  expect([...files].filter((file) => file.endsWith('.js')).length).toBeGreaterThan(1);
  let bytes = gzipSync(html).length;
  for (const file of files) {
    expect(file).not.toMatch(/\.wasm$|\.ttf$|worker-/);
    bytes += gzipSync(readFileSync(DIST + file.slice(1))).length;
  }
  expect(bytes).toBeLessThan(350_000);
});

test.skipIf(!existsSync(page))('compiler and fonts are not precached', () => {
  const worker = readFileSync(`${DIST}terminal/sw.js`, 'utf8');
  expect(worker).toContain('/terminal/index.html');
  expect(worker).not.toMatch(/\.wasm|\.ttf/);
});

test.skipIf(!existsSync(page))("the typesetter's worker is precached, in the service worker's scope", () => {
  expect(readFileSync(`${DIST}terminal/sw.js`, 'utf8')).toMatch(/"\/terminal\/worker-[^"]+\.js"/);
});
