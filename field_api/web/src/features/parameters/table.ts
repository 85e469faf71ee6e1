/** The table of parameters: what is shown, how numbers are read and written, what would be set. */
import type { components } from '$shared/api/schema';

type Schemas = components['schemas'];
export type Told = Schemas['ParameterTold'];
export type Mark = Schemas['ParameterMark'];
export type Wish = Schemas['ParameterWish'];
export type Difference = Schemas['ParameterDifferenceView'];

/** What is typed, by name. */
export type Edits = Readonly<Record<string, string>>;

export type Fault = 'number' | 'whole' | 'range';

export interface Row {
  name: string;
  /** What the aircraft has; null for a name that only the other set has. */
  told: Told | null;
  /** What the other set has, where it does not agree; undefined where it does, or there is none. */
  there: number | null | undefined;
  typed: string | undefined;
}

export interface Filter {
  q: string;
  group: string;
  /** Only what was typed or does not agree with the other set. */
  changedOnly: boolean;
}

const NUMBER = /^[+-]?(\d+\.?\d*|\.\d+)(e[+-]?\d{1,3})?$/i;
const LARGEST = (2 - 2 ** -23) * 2 ** 127;

/** Limits of the whole-number types, by MAV_PARAM_TYPE. */
const RANGES: Readonly<Record<number, readonly [number, number]>> = {
  1: [0, 2 ** 8 - 1],
  2: [-(2 ** 7), 2 ** 7 - 1],
  3: [0, 2 ** 16 - 1],
  4: [-(2 ** 15), 2 ** 15 - 1],
  5: [0, 2 ** 32 - 1],
  6: [-(2 ** 31), 2 ** 31 - 1],
};

/** The shortest decimal that is the same number on the wire, which carries four bytes. */
export function written(value: number): string {
  if (Number.isInteger(value) && Math.abs(value) < 1e9) return String(value);
  for (let digits = 1; digits < 9; digits++) {
    const text = String(Number(value.toPrecision(digits)));
    if (Math.fround(Number(text)) === Math.fround(value)) return text;
  }
  return String(Number(value.toPrecision(9)));
}

/** The number that was typed, or why it can't be set. */
export function read(text: string, kind: number): { value: number } | { fault: Fault } {
  const trimmed = text.trim();
  if (!NUMBER.test(trimmed)) return { fault: 'number' };
  const value = Number(trimmed);
  if (Math.abs(value) > LARGEST) return { fault: 'range' };
  const range = RANGES[kind];
  if (!range) return { value };
  if (!Number.isInteger(value)) return { fault: 'whole' };
  return value < range[0] || value > range[1] ? { fault: 'range' } : { value };
}

/** Parameters that belong together begin with the same word. */
export function groupOf(name: string): string {
  const at = name.indexOf('_', 1);
  return at < 0 ? name.replace(/\d+$/, '') : name.slice(0, at).replace(/\d+$/, '');
}

/** Whether a row was typed into, to another value than the aircraft has. */
export function isEdited({ told, typed }: Row): boolean {
  if (typed === undefined || !told) return false;
  const result = read(typed, told.kind);
  return 'fault' in result || Math.fround(result.value) !== Math.fround(told.value);
}

/** Whether a row is worth a look: a set, above all a file, may hold a few parameters only. */
export const isChanged = (row: Row): boolean => row.there != null || isEdited(row);

/** All rows, by name; those of the other set that the aircraft lacks among them. */
export function rowsOf(told: readonly Told[], edits: Edits, differences: readonly Difference[]): Row[] {
  const there = new Map(differences.map((each) => [each.name, each.there]));
  const rows = told.map((each): Row => ({
    name: each.name,
    told: each,
    there: there.has(each.name) ? there.get(each.name)! : undefined,
    typed: edits[each.name],
  }));
  const known = new Set(told.map(({ name }) => name));
  for (const { name, there: value } of differences) {
    if (!known.has(name)) rows.push({ name, told: null, there: value, typed: undefined });
  }
  return rows.sort((a, b) => (a.name < b.name ? -1 : a.name > b.name ? 1 : 0));
}

export function shown(rows: readonly Row[], { q, group, changedOnly }: Filter): Row[] {
  const words = q.toUpperCase().split(/\s+/).filter(Boolean);
  return rows.filter(
    (row) =>
      words.every((word) => row.name.toUpperCase().includes(word)) &&
      (!group || groupOf(row.name) === group) &&
      (!changedOnly || isChanged(row)),
  );
}

/** The groups with how many parameters each has; in the order of the alphabet. */
export function groupsOf(rows: readonly Row[]): { group: string; count: number }[] {
  const counts = new Map<string, number>();
  for (const { name } of rows) counts.set(groupOf(name), (counts.get(groupOf(name)) ?? 0) + 1);
  return [...counts].map(([group, count]) => ({ group, count })).sort((a, b) => a.group.localeCompare(b.group));
}

/** What would be set, with what was seen; null while something typed can't be. */
export function wishesOf(rows: readonly Row[]): Wish[] | null {
  const wishes: Wish[] = [];
  for (const row of rows) {
    if (!row.told || row.typed === undefined || !isEdited(row)) continue;
    const result = read(row.typed, row.told.kind);
    if ('fault' in result) return null;
    wishes.push({ name: row.name, value: result.value, was: row.told.value });
  }
  return wishes;
}

export const markOf = (name: string, marks: readonly Mark[]): Mark | undefined =>
  marks.find(({ begins }) => name.startsWith(begins));
