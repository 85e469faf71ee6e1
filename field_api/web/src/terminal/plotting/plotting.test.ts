import { expect, test } from 'vitest';
import type { Incident, Pointer } from '$shared/api/records';
import { destination } from '$shared/geodesy';
import { freshOf, incidentAt } from './fresh';
import { begun, errorM, goesRound, lengthM, withFix } from './walk';

const START = { lat_deg: 24.94, lon_deg: 102.61 };
const fix = (bearing: number, metres: number, accuracy_m: number | null = 8, t_ms = 10) => ({
  ...destination(START, bearing, metres),
  accuracy_m,
  t_ms,
});
const walked = (...fixes: ReturnType<typeof fix>[]) => fixes.reduce(withFix, begun(0));

test('a walk is made of good fixes a few steps apart', () => {
  const way = walked(fix(0, 0), fix(0, 2), fix(0, 100), fix(0, 300, 90), fix(0, 200, null), fix(0, 200, 12), fix(0, 260, 8, -1));
  expect(way.points).toHaveLength(3);
  expect(lengthM(way)).toBeCloseTo(200, 0);
  expect(errorM(way)).toBe(9);
});

test('it goes round where it ends near its beginning and does not cross itself', () => {
  const round = [0, 60, 120, 180, 240, 300].map((bearing) => fix(bearing, 60));
  expect(goesRound(walked(...round))).toBe(true);
  expect(goesRound(walked(...round.slice(0, 3), fix(90, 900)))).toBe(false);
  expect(goesRound(walked(fix(45, 60), fix(225, 60), fix(315, 60), fix(135, 60)))).toBe(false);
});

test('a pointer is shown while it is fresh', () => {
  const pointer = (id: string, until_ms: number, ended = false) => ({ id, until_ms, ended, pointed_ms: until_ms - 10 }) as Pointer;
  const all = [pointer('a', 100), pointer('b', 200), pointer('c', 300, true), pointer('d', 250)];
  expect(freshOf(all, 100).map(({ id }) => id)).toEqual(['d', 'b']);
});

test('a place belongs to the nearest open incident', () => {
  const incident = (id: string, state: string, lat_deg: number) => ({ id, state, lat_deg, lon_deg: 102.61, opened_ms: id.length }) as Incident;
  const all = [incident('far', 'open', 25.2), incident('near', 'open', 24.95), incident('over', 'closed', 24.94)];
  expect(incidentAt(all, START)?.id).toBe('near');
  expect(incidentAt([...all, incident('newer', 'open', 24.951)], START)?.id).toBe('newer');
  expect(incidentAt([], START)).toBeNull();
});
