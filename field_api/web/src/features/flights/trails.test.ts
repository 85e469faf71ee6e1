import { expect, test } from 'vitest';
import type { Flown } from '$shared/api/records';
import { trailLines } from './trails';

const piece = (times: number[]): Flown => ({
  id: String(times[0]),
  version: 1,
  sortie_id: 's',
  vehicle_id: 'UAV-1',
  incident_id: 'i',
  points: times.map((tMs) => [tMs / 1e6, 0, 100, tMs]),
});
const times = (lines: [number, number, number][][]) => lines.map((line) => line.map((p) => p[2]));

test('pieces in any order and overlapping make one line, what was heard goes on from it', () => {
  const lines = trailLines(
    [piece([3000, 4000, 5000]), piece([1000, 2000, 3000])],
    [[0, 0, 4500], [0, 0, 6000], [0, 0, 7000]],
  );
  expect(times(lines)).toEqual([[1000, 2000, 3000, 4000, 5000, 6000, 7000]]);
});

test('two flights are two lines', () => {
  expect(times(trailLines([piece([1000, 2000]), piece([90_000, 91_000])], []))).toEqual([
    [1000, 2000],
    [90_000, 91_000],
  ]);
});

test('nothing known, nothing drawn', () => {
  expect(trailLines([], [])).toEqual([]);
});
