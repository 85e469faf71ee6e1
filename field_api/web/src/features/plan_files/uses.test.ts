import { expect, test } from 'vitest';
import { boundsOf } from '$shared/geodesy';
import type { Ring } from '$shared/rings';
import { inside, shareHoles } from '../plans/outlines';
import { thinned } from './thinning';
import { CannotUse, suggested, takenOf, usesOf, type Thing, type Use } from './uses';

const square = (lon: number, lat: number, size: number): Ring => [
  [lon, lat],
  [lon + size, lat],
  [lon + size, lat + size],
  [lon, lat + size],
];
const places = (ring: Ring) => ring.map(([lon_deg, lat_deg]) => ({ lat_deg, lon_deg }));

function thing(kind: Thing['kind'], more: Partial<Thing> = {}): Thing {
  return { kind, name: '', where: '', notes: [], rings: [], lines: [], places: [], corners: 0, closed: false, ...more } as Thing;
}
const area = (lon: number, holes: Ring[] = []) =>
  thing('area', { rings: [square(lon, 24, 0.01), ...holes].map(places) });
const path = (points: number, more: Partial<Thing> = {}) =>
  thing('path', {
    lines: [Array.from({ length: points }, (_, n) => ({ lat_deg: 24 + n * 1e-5, lon_deg: 102 + (n % 7) * 1e-6 }))],
    ...more,
  });
const points = (count: number) =>
  thing('points', { places: Array.from({ length: count }, (_, n) => ({ name: `${n}`, lat_deg: 24, lon_deg: 102 + n / 1e4 })) });
const refusal = (act: () => unknown): string => {
  try {
    act();
  } catch (caught) {
    if (caught instanceof CannotUse) return caught.key;
    throw caught;
  }
  return '';
};

test('a hole goes to the smallest outline that holds it, and none is lost', () => {
  const [large, small, far] = [square(0, 0, 1), square(0.1, 0.1, 0.5), square(9, 9, 1)];
  const lost = square(50, 50, 1);
  const shared = shareHoles([large, small, far], [square(0.2, 0.2, 0.1), square(9.1, 9.1, 0.1), square(0.8, 0.8, 0.1), lost]);
  expect(shared.map((outline) => outline.holes.length)).toEqual([2, 1, 1]);
  expect(shared[0]!.holes).toContain(lost);
  expect(inside([0.5, 0.5], large)).toBe(true);
  expect(inside([1.5, 0.5], large)).toBe(false);
});

test('bounds hold every place, of as many as a file may hold', () => {
  expect(boundsOf([])).toEqual([]);
  const many = Array.from({ length: 200_000 }, (_, n) => ({ lat_deg: -10 + n / 1e5, lon_deg: 170 - n / 1e5 }));
  expect(boundsOf(many)).toEqual([
    { lat_deg: -10, lon_deg: many.at(-1)!.lon_deg },
    { lat_deg: many.at(-1)!.lat_deg, lon_deg: 170 },
  ]);
});

test('every thing can be used, looked at or left', () => {
  for (const kind of ['area', 'path', 'points', 'fence', 'rally', 'mission'] as const) {
    expect(usesOf(thing(kind)).at(-1)).toBe('skip');
  }
  expect(usesOf(thing('fence', { fence: { kind: 'exclude' } as Thing['fence'] }))).toContain('hole');
  expect(usesOf(thing('mission'))).toEqual(['skip']);
});

test('areas suggest themselves; without one a line, without that the points', () => {
  const rally = thing('rally');
  expect(suggested([area(102), path(5), points(2), rally])).toEqual(['area', 'show', 'show', 'show']);
  expect(suggested([path(5), points(2)])).toEqual(['line', 'show']);
  expect(suggested([path(5), path(6)])).toEqual(['show', 'show']);
  expect(suggested([path(5, { closed: true })])).toEqual(['area']);
  expect(suggested([points(2)])).toEqual(['places']);
  expect(suggested([points(201)])).toEqual(['show']);
});

test('several areas keep their holes; one more thing cuts another', () => {
  const things = [area(102, [square(102.001, 24.001, 0.001)]), area(103), thing('fence', { rings: [places(square(103.002, 24.002, 0.002))] })];
  const taken = takenOf(things, ['area', 'area', 'hole'], false);
  expect(taken.outlines.map((outline) => outline.holes.length)).toEqual([1, 1]);
  expect(taken.pattern).toBeNull();
});

test('a line that ends where it begins is an outline without its last point', () => {
  const ring = square(102, 24, 0.01);
  const closed = thing('path', { closed: true, lines: [places([...ring, ring[0]!])] });
  expect(takenOf([closed], ['area'], false).outlines).toEqual([{ outer: ring, holes: [] }]);
});

test('holes alone cut the area that is drawn', () => {
  const things = [area(102)];
  expect(takenOf(things, ['hole'], true)).toMatchObject({ outlines: [], holes: [square(102, 24, 0.01)] });
  expect(refusal(() => takenOf(things, ['hole'], false))).toBe('files.hole-without-area');
});

test('lines and points become patterns', () => {
  expect(takenOf([path(3)], ['line'], false).pattern).toMatchObject({ kind: 'track_line', passes: 2 });
  expect(takenOf([path(3), path(4)], ['line', 'line'], false).pattern).toMatchObject({ kind: 'tracks' });
  expect(takenOf([points(3)], ['places'], false).pattern).toEqual({
    kind: 'points',
    places: points(3).places.map(({ lat_deg, lon_deg }) => ({ lat_deg, lon_deg })),
    hold_s: 10,
  });
});

test('what one plan does not take is refused, never cut off', () => {
  const many = <T,>(count: number, make: () => T) => Array.from({ length: count }, make);
  const all = (things: Thing[], use: Use) => refusal(() => takenOf(things, things.map(() => use), false));
  expect(all(many(102, () => area(102)), 'area')).toBe('files.too-many-areas');
  expect(all(many(21, () => path(3)), 'line')).toBe('files.too-many-lines');
  expect(all([points(201)], 'places')).toBe('files.too-many-places');
  expect(all([area(102, many(101, () => square(102.001, 24.001, 0.001)))], 'area')).toBe('files.too-many-holes');
  expect(refusal(() => takenOf([area(102), path(3)], ['area', 'line'], false))).toBe('files.one-search');
});

test('a long track is thinned and says by how much', () => {
  const taken = takenOf([path(9000)], ['line'], false);
  const { pattern } = taken;
  if (pattern?.kind !== 'track_line') throw new Error('no line');
  expect(pattern.path.length).toBeLessThanOrEqual(2000);
  expect(pattern.path.at(-1)).toEqual(path(9000).lines[0]!.at(-1));
  expect(taken.thinnedByM).toBeGreaterThan(0);
  expect(thinned(places(square(102, 24, 0.01)), 10).movedM).toBe(0);
});
