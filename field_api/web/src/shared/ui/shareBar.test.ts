import { readdirSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { render } from 'svelte/server';
import { expect, test } from 'vitest';
import ShareBar from './ShareBar.svelte';

const widthOf = (share: number) =>
  /width:\s*([^;"]+)/.exec(render(ShareBar, { props: { share } }).body)?.[1];

test('a bar is as long as its share, and never longer than its track', () => {
  expect(widthOf(0)).toBe('0%');
  expect(widthOf(0.842)).toBe('84.2%');
  expect(widthOf(1)).toBe('100%');
  expect(widthOf(1.4)).toBe('100%');
  expect(widthOf(-1)).toBe('0%');
  expect(widthOf(Number.NaN)).toBe('0%');
});

test('no figure written for people is put into a style', () => {
  const SRC = new URL('../..', import.meta.url).pathname;
  const views = readdirSync(SRC, { recursive: true, encoding: 'utf8' }).filter((path) => path.endsWith('.svelte'));
  const wrong = views.filter((path) =>
    /style(?::[\w-]+)?=[^>\n]*\b(?:percent|hectares|distance|toFixed)\(|style[^>\n]*\} %/.test(readFileSync(join(SRC, path), 'utf8')),
  );
  expect(wrong).toEqual([]);
});
