/** A sortie seen from the side: the way as distance from the launch, the heights above sea level. */
import type { SortiePlan } from '$shared/api/records';
import { distanceM, type LatLon } from '$shared/geodesy';

export interface TrackPoint extends LatLon {
  along_m: number;
  amsl_m: number;
}

/** The planned way, launch first. */
export function trackOf(sortie: SortiePlan): TrackPoint[] {
  const track: TrackPoint[] = [{ ...sortie.launch, along_m: 0, amsl_m: sortie.launch_amsl_m }];
  for (const { lat_deg, lon_deg, altitude_amsl_m } of sortie.waypoints) {
    const before = track.at(-1)!;
    const along_m = before.along_m + distanceM(before, { lat_deg, lon_deg });
    track.push({ lat_deg, lon_deg, along_m, amsl_m: altitude_amsl_m });
  }
  return track;
}

const between = (a: number, b: number, share: number): number => a + (b - a) * share;

/** `count` places of the way, evenly apart, both ends among them. */
export function evenly(track: readonly TrackPoint[], count: number): TrackPoint[] {
  const length_m = track.at(-1)?.along_m ?? 0;
  if (!length_m) return track.slice(0, 1);
  let leg = 1;
  return Array.from({ length: count }, (_, n) => {
    const along_m = (length_m * n) / (count - 1);
    while (leg < track.length - 1 && track[leg]!.along_m < along_m) leg += 1;
    const [from, to] = [track[leg - 1]!, track[leg]!];
    const share = to.along_m > from.along_m ? (along_m - from.along_m) / (to.along_m - from.along_m) : 0;
    return {
      lat_deg: between(from.lat_deg, to.lat_deg, share),
      lon_deg: between(from.lon_deg, to.lon_deg, share),
      amsl_m: between(from.amsl_m, to.amsl_m, share),
      along_m,
    };
  });
}

/** Farther from its way than this, an aircraft has no place on the profile. */
const OFF_TRACK_M = 120;
/** A place this far along the way from where it last was must be this much nearer to count. */
const LEAP_COST = 0.02;

/**
 * Where on the way an aircraft is, null where it is nowhere near. Lanes lie beside each other:
 * `last_m`, where it was before, keeps it from leaping to a neighbour.
 */
export function placeOn(track: readonly TrackPoint[], at: LatLon, last_m: number | null): number | null {
  let best: { cost: number; along_m: number } | null = null;
  const east = Math.cos((at.lat_deg * Math.PI) / 180);
  for (let leg = 1; leg < track.length; leg += 1) {
    const [a, b] = [track[leg - 1]!, track[leg]!];
    const [ax, ay] = [(a.lon_deg - at.lon_deg) * east, a.lat_deg - at.lat_deg];
    const [dx, dy] = [(b.lon_deg - a.lon_deg) * east, b.lat_deg - a.lat_deg];
    const squared = dx * dx + dy * dy;
    const share = squared ? Math.min(1, Math.max(0, -(ax * dx + ay * dy) / squared)) : 0;
    const nearest = {
      lat_deg: between(a.lat_deg, b.lat_deg, share),
      lon_deg: between(a.lon_deg, b.lon_deg, share),
    };
    const off_m = distanceM(at, nearest);
    if (off_m > OFF_TRACK_M) continue;
    const along_m = between(a.along_m, b.along_m, share);
    const cost = off_m + (last_m === null ? 0 : LEAP_COST * Math.abs(along_m - last_m));
    if (!best || cost < best.cost) best = { cost, along_m };
  }
  return best?.along_m ?? null;
}
