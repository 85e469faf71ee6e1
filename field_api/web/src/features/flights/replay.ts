/** Where aircraft were at a moment that is past, from the ways they flew. */
import type { Flown } from '$shared/api/records';

export interface Past {
  vehicle_id: string;
  lat_deg: number;
  lon_deg: number;
  altitude_amsl_m: number;
  heading_deg: number;
}

type Point = Flown['points'][number];

/** Apart by more, nobody knows where it was in between. */
const LONGEST_GAP_MS = 30_000;

/** All points of each aircraft in the order of time, each moment once. */
export function waysOf(pieces: readonly Flown[]): Map<string, Point[]> {
  const ways = new Map<string, Point[]>();
  for (const { vehicle_id, points } of pieces) {
    ways.set(vehicle_id, [...(ways.get(vehicle_id) ?? []), ...points]);
  }
  for (const [id, points] of ways) {
    points.sort((a, b) => a[3] - b[3]);
    ways.set(id, points.filter((point, n) => n === 0 || point[3] > points[n - 1]![3]));
  }
  return ways;
}

/** First and last moment of which anything is known; null for nothing flown. */
export function spanOf(ways: ReadonlyMap<string, Point[]>): [number, number] | null {
  const ends = [...ways.values()].flatMap((points) => [points[0]![3], points.at(-1)![3]]);
  return ends.length ? [Math.min(...ends), Math.max(...ends)] : null;
}

/** The span of both, where there are both. */
export function together(one: [number, number] | null, two: [number, number] | null): [number, number] | null {
  if (!one || !two) return one ?? two;
  return [Math.min(one[0], two[0]), Math.max(one[1], two[1])];
}

function headingDeg(from: Point, to: Point): number {
  const east = (to[0] - from[0]) * Math.cos((from[1] * Math.PI) / 180);
  return (((Math.atan2(east, to[1] - from[1]) * 180) / Math.PI) + 360) % 360;
}

/** Where an aircraft was; null before, after and in gaps of its track. */
export function pastOf(vehicle_id: string, points: readonly Point[], t_ms: number): Past | null {
  let low = 0;
  let high = points.length - 1;
  if (high < 0 || t_ms < points[0]![3] || t_ms > points[high]![3]) return null;
  while (high - low > 1) {
    const middle = (low + high) >> 1;
    if (points[middle]![3] <= t_ms) low = middle;
    else high = middle;
  }
  const [from, to] = [points[low]!, points[high]!];
  const span = to[3] - from[3];
  if (span > LONGEST_GAP_MS && t_ms !== from[3] && t_ms !== to[3]) return null;
  const share = span ? (t_ms - from[3]) / span : 0;
  const mix = (at: 0 | 1 | 2) => from[at] + (to[at] - from[at]) * share;
  return {
    vehicle_id,
    lon_deg: mix(0),
    lat_deg: mix(1),
    altitude_amsl_m: mix(2),
    heading_deg: headingDeg(from, to),
  };
}
