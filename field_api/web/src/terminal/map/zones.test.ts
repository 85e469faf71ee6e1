import { expect, test } from 'vitest';
import type { Fence } from '$shared/api/records';
import { dangersAt, isIn, warnedAt, type DangerZone, type Zone } from './zones';

const zone = (id: string, fence: Partial<Fence>): Zone =>
  ({ id, version: 1, fence: { id, name: id, kind: 'exclude', polygon: [], centre: null, radius_m: null, ...fence } }) as Zone;
const ring = [[25, 102], [25, 103], [26, 103], [25.5, 102.5], [26, 102]].map(([lat_deg, lon_deg]) => ({ lat_deg: lat_deg!, lon_deg: lon_deg! }));
const at = (lat_deg: number, lon_deg: number) => ({ lat_deg, lon_deg });

test('a place is in a ring, also in one with a notch', () => {
  const notched = { polygon: ring };
  expect(isIn(notched, at(25.2, 102.5))).toBe(true);
  expect(isIn(notched, at(25.9, 102.5))).toBe(false);
  expect(isIn(notched, at(25.8, 102.1))).toBe(true);
  expect(isIn(notched, at(24.9, 102.5))).toBe(false);
  expect(isIn({}, at(25, 102))).toBe(false);
});

test('a round one reaches as far as its radius', () => {
  const round = { centre: at(25, 102), radius_m: 500 };
  expect(isIn(round, at(25.0044, 102))).toBe(true);
  expect(isIn(round, at(25.0046, 102))).toBe(false);
});

test('nobody is warned of where aircraft shall stay, nor without a position', () => {
  const zones = [zone('work', { kind: 'include', polygon: ring }), zone('no', { polygon: ring }), zone('ask', { kind: 'controlled', polygon: ring })];
  expect(warnedAt(zones, at(25.2, 102.5)).map(({ id }) => id)).toEqual(['no', 'ask']);
  expect(warnedAt(zones, null)).toEqual([]);
});

test('a danger warns from its beginning to its end, by the clock alone', () => {
  const danger = (id: string, begins_ms: number | null, ends_ms: number | null): DangerZone =>
    ({ id, version: 1, name: id, kind: 'F10100', danger: null, begins_ms, ends_ms, outline: { polygon: ring } });
  const zones = [danger('always', null, null), danger('soon', 200, null), danger('now', 100, 200), danger('past', null, 100)];
  const inside = at(25.2, 102.5);
  expect(dangersAt(zones, inside, 100).map(({ id }) => id)).toEqual(['always', 'now']);
  expect(dangersAt(zones, inside, 200).map(({ id }) => id)).toEqual(['always', 'soon']);
  expect(dangersAt(zones, at(24, 102), 100)).toEqual([]);
  expect(dangersAt(zones, null, 100)).toEqual([]);
});
