/** The way along a fire's edge, made of fixes; no wires. */
import { distanceM, type LatLon } from '$shared/geodesy';
import type { Fix } from '../position.svelte';

export interface WalkedWay {
  points: LatLon[];
  /** Sum of what the fixes said they may be off, for their mean. */
  accuracySumM: number;
  beganMs: number;
}

/** Worse fixes are left out: they would draw a line that nobody walked. */
const WORST_M = 40;
/** Closer ones say nothing but the receiver's noise. */
const STEP_M = 6;
const MOST_POINTS = 4000;
/** Who comes back this close has walked round it. */
const CLOSED_WITHIN_M = 80;

export const begun = (nowMs: number): WalkedWay => ({ points: [], accuracySumM: 0, beganMs: nowMs });

/** The way with another fix, or the same where the fix adds nothing. */
export function withFix(way: WalkedWay, fix: Fix): WalkedWay {
  const last = way.points.at(-1);
  if (fix.accuracy_m === null || fix.accuracy_m > WORST_M || fix.t_ms < way.beganMs || way.points.length >= MOST_POINTS) return way;
  if (last && distanceM(last, fix) < STEP_M) return way;
  const { lat_deg, lon_deg } = fix;
  return { ...way, points: [...way.points, { lat_deg, lon_deg }], accuracySumM: way.accuracySumM + fix.accuracy_m };
}

export const lengthM = ({ points }: WalkedWay): number =>
  points.slice(1).reduce((sum, point, index) => sum + distanceM(points[index]!, point), 0);

/** What fixes say is 68 %: about the standard deviation across the way; never better than 5 m. */
export const errorM = ({ points, accuracySumM }: WalkedWay): number =>
  Math.max(5, Math.round(points.length ? accuracySumM / points.length : 0));

/** Whether the way goes round something: it ends where it began and does not cross itself. */
export function goesRound({ points }: WalkedWay): boolean {
  if (points.length < 4 || distanceM(points[0]!, points.at(-1)!) > CLOSED_WITHIN_M) return false;
  return !crosses(points);
}

function crosses(ring: readonly LatLon[]): boolean {
  const count = ring.length;
  const side = (a: LatLon, b: LatLon, c: LatLon) =>
    Math.sign((b.lon_deg - a.lon_deg) * (c.lat_deg - a.lat_deg) - (b.lat_deg - a.lat_deg) * (c.lon_deg - a.lon_deg));
  for (let i = 0; i < count; i += 1) {
    const [a, b] = [ring[i]!, ring[(i + 1) % count]!];
    for (let j = i + 2; j < count; j += 1) {
      if (i === 0 && j === count - 1) continue; // they share a corner
      const [c, d] = [ring[j]!, ring[(j + 1) % count]!];
      if (side(a, b, c) !== side(a, b, d) && side(c, d, a) !== side(c, d, b)) return true;
    }
  }
  return false;
}
