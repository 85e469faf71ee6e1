import { expect, test } from 'vitest';
import type { SortiePlan } from '$shared/api/records';
import { destination, type LatLon } from '$shared/geodesy';
import { evenly, placeOn, trackOf } from './profile';

const HOME = { lat_deg: 24.94, lon_deg: 102.61 };
const at = (point: LatLon, altitude_amsl_m: number) => ({ ...point, altitude_amsl_m });
const east = destination(HOME, 90, 1000);
const north = destination(east, 0, 50);
/** Out, 50 m over, and back on a neighbouring lane. */
const sortie = {
  launch: HOME,
  launch_amsl_m: 2200,
  waypoints: [at(HOME, 2260), at(east, 2300), at(north, 2310), at(destination(north, 270, 1000), 2330)],
} as unknown as SortiePlan;
const track = trackOf(sortie);

test('the way is measured from the launch, climbing on the spot included', () => {
  expect(track.map(({ along_m }) => Math.round(along_m))).toEqual([0, 0, 1000, 1050, 2050]);
  expect(track.map(({ amsl_m }) => amsl_m)).toEqual([2200, 2260, 2300, 2310, 2330]);
});

test('places evenly apart carry the height between their ends', () => {
  const places = evenly(track, 42);
  expect(places).toHaveLength(42);
  expect([places[0]!.along_m, Math.round(places.at(-1)!.along_m)]).toEqual([0, 2050]);
  expect(places[10]!.along_m).toBeCloseTo(500, 0);
  expect(places[10]!.amsl_m).toBeCloseTo(2280, 0);
  expect(evenly([track[0]!], 10)).toHaveLength(1);
});

test('an aircraft between two lanes stays on the one it was flying', () => {
  const middle = destination(destination(HOME, 90, 400), 0, 24);
  expect(placeOn(track, middle, 380)).toBeCloseTo(400, -1);
  const nearer = destination(destination(HOME, 90, 400), 0, 26);
  expect(placeOn(track, nearer, 380)).toBeCloseTo(400, -1);
  expect(placeOn(track, nearer, 1600)).toBeCloseTo(1650, -1);
  expect(placeOn(track, destination(HOME, 180, 500), null)).toBeNull();
});
