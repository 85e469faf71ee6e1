import { existsSync, readdirSync, readFileSync } from 'node:fs';
import { dirname, join, relative } from 'node:path';
import { describe, expect, test } from 'vitest';

const SRC = new URL('../..', import.meta.url).pathname;
const places = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort();

function files(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    return entry.isDirectory() ? files(path) : [path];
  });
}

const all = files(SRC);
const sources = all.filter((path) => /\.(svelte|ts)$/.test(path) && !path.includes('.test.'));
const views = sources.filter((path) => path.endsWith('.svelte'));
const folders = all.filter((path) => path.endsWith('/zh.json')).map((path) => dirname(path));
const read = (folder: string, locale: 'zh' | 'en') =>
  JSON.parse(readFileSync(join(folder, `${locale}.json`), 'utf8')) as Record<string, string>;
const nameOf = (folder: string) => relative(SRC, folder);

describe.each(folders.map((folder) => [nameOf(folder), folder] as const))('texts of %s', (_, folder) => {
  const zh = read(folder, 'zh');
  const en = read(folder, 'en');

  test('have the same keys in both languages', () => {
    expect(Object.keys(en).sort()).toEqual(Object.keys(zh).sort());
  });

  test('have the same places to fill in', () => {
    for (const key of Object.keys(zh)) expect(places(en[key]!), key).toEqual(places(zh[key]!));
  });

  test('have no empty text and no Chinese left in English', () => {
    for (const [key, text] of Object.entries(en)) {
      expect(text.trim(), key).not.toBe('');
      expect(zh[key]!.trim(), key).not.toBe('');
      // The languages' own names stay in their own language.
      if (!key.startsWith('language.')) expect(text, key).not.toMatch(/[\u4e00-\u9fff]/);
    }
  });

  test('say one of a thing as one does', () => {
    // Verbs after a name, and what is never one.
    const fine = /^(?:has|is|this|holds|watches|says|fps|ms|s)$|^(?:digits|characters|officers|parameters)$/;
    for (const [key, text] of Object.entries(en)) {
      for (const [, noun] of text.matchAll(/\{\w+\} ([a-z]+s)\b/g)) expect(noun, `${key}: {n|thing|things}`).toMatch(fine);
    }
  });

  test('are added when their folder is loaded', () => {
    if (nameOf(folder) !== 'shared/i18n') expect(existsSync(join(folder, 'texts.ts'))).toBe(true);
  });
});

test('no key stands in two catalogues', () => {
  const keys = folders.flatMap((folder) => Object.keys(read(folder, 'zh')));
  expect(keys.filter((key, at) => keys.indexOf(key) !== at)).toEqual([]);
});

/** Catalogues that are there when a file of this folder runs: its own, common, and what its page loads. */
function loadedFor(path: string): string[] {
  const at = relative(SRC, path);
  const late = ['features/registers', 'features/accounts'];
  if (at.startsWith('verify/')) return ['shared/i18n', 'verify'];
  if (at.startsWith('terminal/')) return ['shared/i18n', 'terminal', 'terminal/inspections', 'shared/messages', 'shared/warnings', 'features/tasks'];
  const own = late.find((folder) => at.startsWith(folder));
  const desk = folders
    .map(nameOf)
    .filter((folder) => !folder.startsWith('terminal') && folder !== 'verify' && !late.includes(folder));
  return own ? [...desk, own] : desk;
}

test('the code asks only for keys that are loaded where it runs', () => {
  const problems: string[] = [];
  let asked = 0;
  for (const path of sources) {
    const known = new Set(loadedFor(path).flatMap((folder) => Object.keys(read(join(SRC, folder), 'zh'))));
    for (const [, key] of readFileSync(path, 'utf8').matchAll(/\bt\(\s*'([\w.-]+)'/g)) {
      asked += 1;
      if (!known.has(key!)) problems.push(`${relative(SRC, path)}: ${key}`);
    }
  }
  expect(asked).toBeGreaterThan(100);
  expect(problems).toEqual([]);
});

test('views hold no text of their own', () => {
  const found: string[] = [];
  for (const path of views) {
    const template = readFileSync(path, 'utf8')
      .replace(/<script[\s\S]*?<\/script>/g, '')
      .replace(/<style[\s\S]*?<\/style>/g, '')
      .replace(/<!--[\s\S]*?-->/g, '');
    if (/[\u4e00-\u9fff]/.test(template)) found.push(`${path}: Chinese in the template`);
    const labels = template.matchAll(/\b(?:title|aria-label|placeholder|alt)="([^"{]*[A-Za-z]{2,}[^"{]*)"/g);
    for (const label of labels) found.push(`${path}: ${label[0]}`);
  }
  expect(found).toEqual([]);
});
