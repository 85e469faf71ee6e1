import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import type { Warning } from '$shared/api/records';
import { concerns, type Target } from '$shared/warnings/concerns';
import { heardHere, liftedHere, shownHere, type Here } from './alarms';

interface Case {
  name: string;
  target: Target;
  own_areas: string[];
  at: { lat_deg: number; lon_deg: number } | null;
  why: string | null;
}
const CASES = JSON.parse(readFileSync(new URL('../../../../../tests/vectors/warnings/concerns.json', import.meta.url), 'utf8')) as Case[];

test.each(CASES)('as the command post decides: $name', ({ target, own_areas, at, why }) => {
  expect(concerns(target, own_areas, at)).toBe(why);
});

const warning = (id: string, changes: Partial<Warning> = {}): Warning =>
  ({ id, version: 1, state: 'in_force', level: 'red', drill: false, sent_ms: 0, expires_ms: 1000, area_codes: ['530112008'], shapes: [], ...changes }) as Warning;
const here = (changes: Partial<Here> = {}): Here => ({ areas: ['530112008'], at: null, nowMs: 500, seen: new Set(), ...changes });
const ids = (list: Warning[]) => list.map(({ id }) => id);

test('the gravest comes first, a drill last; what holds no longer or elsewhere is not shown', () => {
  const all = [
    warning('blue', { level: 'blue' }), warning('drill', { drill: true }), warning('red'), warning('over', { expires_ms: 500 }),
    warning('lifted', { state: 'cancelled' }), warning('elsewhere', { area_codes: ['530112002'] }), warning('open', { level: 'orange', expires_ms: null }),
  ];
  expect(ids(shownHere(all, here()))).toEqual(['red', 'open', 'blue', 'drill']);
});

test('red and orange are heard until acknowledged; one that came too late is not', () => {
  const all = [warning('red'), warning('orange', { level: 'orange' }), warning('yellow', { level: 'yellow' }), warning('none', { level: null }), warning('drill', { drill: true })];
  expect(ids(heardHere(all, here()))).toEqual(['red', 'orange']);
  expect(ids(heardHere(all, here({ seen: new Set(['red']) })))).toEqual(['orange']);
  expect(heardHere(all, here({ nowMs: 1000 }))).toEqual([]);
});

test('who had acknowledged it hears that it was lifted', () => {
  const all = [warning('a', { state: 'cancelled' }), warning('b', { state: 'cancelled' }), warning('c')];
  expect(ids(liftedHere(all, here({ seen: new Set(['a', 'c']) })))).toEqual(['a']);
});
