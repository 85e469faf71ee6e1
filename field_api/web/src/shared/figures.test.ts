import { describe, expect, test } from 'vitest';
import { bearing, distance, duration, hectares, mu } from './format';
import { bearingDeg, destination, distanceM } from './geodesy';
import { newId } from './ids';

const FCP = { lat_deg: 24.9478, lon_deg: 102.6108 };
const SMOKE = { lat_deg: 24.9415, lon_deg: 102.6185 };

describe('geodesy', () => {
  test('the demo’s checkpoint is 1,046 m from the smoke', () => {
    expect(distanceM(FCP, SMOKE)).toBeGreaterThan(1036);
    expect(distanceM(FCP, SMOKE)).toBeLessThan(1056);
    expect(bearingDeg(FCP, SMOKE)).toBeCloseTo(132, 0);
  });

  test.each([0, 45, 90, 180, 271.5])('there and back at %d degrees', (bearing_deg) => {
    const there = destination(FCP, bearing_deg, 2500);
    expect(distanceM(FCP, there)).toBeCloseTo(2500, 3);
    expect(bearingDeg(FCP, there)).toBeCloseTo(bearing_deg, 6);
  });
});

describe('figures as people read them', () => {
  test('metres, then kilometres', () => {
    expect([distance(849.6), distance(1046), distance(11_400)]).toEqual(['850 m', '1.05 km', '11.4 km']);
  });
  test('minutes, then hours', () => {
    expect([duration(1260), duration(3725)]).toEqual(['21:00', '1:02:05']);
  });
  test('one hectare is fifteen mu', () => {
    expect([hectares(1_480_000), mu(1_480_000)]).toEqual(['148.0', '2220']);
  });
  test('three digits for a bearing, never 360', () => {
    expect([bearing(7.2), bearing(359.7)]).toEqual(['007°', '000°']);
  });
});

test('ids are UUIDv7 and sort by time', () => {
  const now = Date.now();
  const ids = [now, now + 1, now + 2000, now + 5_000_000].map((ms) => newId(ms));
  for (const id of ids) {
    expect(id).toMatch(/^[0-9a-f]{8}-[0-9a-f]{4}-7[0-9a-f]{3}-[89ab][0-9a-f]{3}-[0-9a-f]{12}$/);
  }
  expect([...ids].sort()).toEqual(ids);
  expect(parseInt(ids[0]!.replaceAll('-', '').slice(0, 12), 16)).toBe(now);
});
