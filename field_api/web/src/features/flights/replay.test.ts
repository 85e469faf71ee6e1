import { expect, test } from 'vitest';
import type { Flown } from '$shared/api/records';
import { pastOf, spanOf, together, waysOf } from './replay';

const piece = (vehicle_id: string, points: Flown['points']): Flown => ({
  id: `${vehicle_id}-${points[0]![3]}`,
  version: 1,
  sortie_id: 's',
  incident_id: 'i',
  vehicle_id,
  points,
});

test('pieces that overlap and come late make one way', () => {
  const ways = waysOf([
    piece('U1', [[102.1, 25, 2010, 2000], [102.2, 25, 2020, 3000]]),
    piece('U1', [[102, 25, 2000, 1000], [102.1, 25, 2010, 2000]]),
    piece('U2', [[103, 25, 1900, 5000]]),
  ]);
  expect(ways.get('U1')!.map((point) => point[3])).toEqual([1000, 2000, 3000]);
  expect(spanOf(ways)).toEqual([1000, 5000]);
  expect(spanOf(new Map())).toBeNull();
});

test('between two points it is in between, and looks where it went', () => {
  const points: Flown['points'] = [[102, 25, 2000, 1000], [102, 25.001, 2010, 2000], [102.001, 25.001, 2010, 3000]];
  expect(pastOf('U1', points, 1500)).toMatchObject({ lat_deg: expect.closeTo(25.0005, 9), lon_deg: 102, altitude_amsl_m: 2005, heading_deg: 0 });
  expect(pastOf('U1', points, 2500)!.heading_deg).toBeCloseTo(90);
  expect(pastOf('U1', points, 3000)).toMatchObject({ lon_deg: 102.001 });
  expect(pastOf('U1', points, 999)).toBeNull();
  expect(pastOf('U1', points, 3001)).toBeNull();
  expect(pastOf('U1', [], 1)).toBeNull();
});

test('in a gap nobody knows where it was', () => {
  const points: Flown['points'] = [[102, 25, 2000, 0], [102, 26, 2000, 40_000]];
  expect(pastOf('U1', points, 20_000)).toBeNull();
  expect(pastOf('U1', points, 40_000)).not.toBeNull();
});

test('flights and recordings are one span', () => {
  expect(together([5, 9], [3, 7])).toEqual([3, 9]);
  expect(together(null, [3, 7])).toEqual([3, 7]);
  expect(together([5, 9], null)).toEqual([5, 9]);
  expect(together(null, null)).toBeNull();
});
