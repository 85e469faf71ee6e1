import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { describe, expect, test } from 'vitest';
import en from './en.json';
import zh from './zh-CN.json';

const places = (text: string) => [...text.matchAll(/\{(\w+)\}/g)].map((m) => m[1]).sort();

function sources(folder: string): string[] {
  return readdirSync(folder, { withFileTypes: true }).flatMap((entry) => {
    const path = join(folder, entry.name);
    if (entry.isDirectory()) return sources(path);
    return /\.(svelte|ts)$/.test(entry.name) && !entry.name.includes('.test.') ? [path] : [];
  });
}

const SRC = new URL('../..', import.meta.url).pathname;
const views = sources(SRC).filter((path) => path.endsWith('.svelte'));

describe('the two catalogues', () => {
  test('have the same keys', () => {
    expect(Object.keys(en).sort()).toEqual(Object.keys(zh).sort());
  });

  test('have the same places to fill in', () => {
    for (const key of Object.keys(zh) as (keyof typeof zh)[]) {
      expect(places(en[key]), key).toEqual(places(zh[key]));
    }
  });

  test('have no empty text and no Chinese left in English', () => {
    for (const [key, text] of Object.entries(en)) {
      expect(text.trim(), key).not.toBe('');
      // The languages' own names stay in their own language.
      if (!key.startsWith('language.')) expect(text, key).not.toMatch(/[\u4e00-\u9fff]/);
    }
  });

  test('know every key that the code asks for', () => {
    const asked = sources(SRC).flatMap((path) =>
      [...readFileSync(path, 'utf8').matchAll(/\bt\(\s*'([\w.-]+)'/g)].map((m) => m[1]!),
    );
    expect(asked.length).toBeGreaterThan(100);
    expect([...new Set(asked)].filter((key) => !(key in zh))).toEqual([]);
  });
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
