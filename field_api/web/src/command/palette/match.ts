/** How well what is typed fits a name: by its characters, or by the pinyin initials of a Chinese one. */
import { findInitials, initialsOf } from './initials';

/** What a list of finds is made of; the reading of its names is kept. */
export interface Named {
  id: string;
  /** Names in either language, ids, other words: what finds it. */
  names: readonly string[];
}

interface Reading {
  words: string[];
  initials: string[][];
}

const readings = new WeakMap<Named, Reading>();

function readingOf(item: Named): Reading {
  let reading = readings.get(item);
  if (!reading) {
    const given = item.names.filter(Boolean);
    reading = { words: given.map((name) => name.toLowerCase()), initials: given.map(initialsOf).filter(({ length }) => length) };
    readings.set(item, reading);
  }
  return reading;
}

function fitOfWord(word: string, typed: string): number {
  const at = word.indexOf(typed);
  if (at < 0) return 0;
  if (word === typed) return 6;
  if (at === 0) return 5;
  return /[\s\-_/·(]/.test(word[at - 1]!) ? 4 : 2;
}

function fitOfInitials(initials: readonly string[], typed: string): number {
  const at = findInitials(initials, typed);
  if (at < 0) return 0;
  if (at > 0) return 1;
  return initials.length === typed.length ? 4 : 3;
}

/** 0 where it does not fit, more for better; each word that was typed must fit something. */
export function fit(item: Named, typed: string): number {
  const { words, initials } = readingOf(item);
  let sum = 0;
  const parts = typed.toLowerCase().split(/\s+/).filter(Boolean);
  for (const part of parts) {
    const letters = /^[a-z0-9]{2,}$/.test(part);
    let best = 0;
    for (const word of words) best = Math.max(best, fitOfWord(word, part));
    if (letters) for (const each of initials) best = Math.max(best, fitOfInitials(each, part));
    if (!best) return 0;
    sum += best;
  }
  return parts.length ? sum / parts.length : 0;
}

/** The best `most` of `items`; equal ones stay in their order. */
export function bestOf<T extends Named>(items: readonly T[], typed: string, most: number): T[] {
  return items
    .map((item, at) => ({ item, at, fit: fit(item, typed) }))
    .filter((each) => each.fit > 0)
    .sort((a, b) => b.fit - a.fit || a.at - b.at)
    .slice(0, most)
    .map(({ item }) => item);
}
