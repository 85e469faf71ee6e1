/** Airspace boundaries on the handheld, and in which of them one stands; decided here, without a network. */
import type { Fence } from '$shared/api/records';
import { distanceM, type LatLon } from '$shared/geodesy';

/** An entry of the register of airspace. */
export interface Zone {
  id: string;
  version: number;
  fence: Fence;
}

/** Those that one is warned of: aircraft keep out, or need an approval. */
export const isWarned = ({ fence }: Zone): boolean => fence.kind === 'exclude' || fence.kind === 'controlled';

/** Whether a place lies in a ring: how often a ray to the east crosses it. */
function inRing(ring: readonly LatLon[], at: LatLon): boolean {
  let inside = false;
  ring.forEach((a, index) => {
    const b = ring[(index + 1) % ring.length]!;
    if (a.lat_deg > at.lat_deg === b.lat_deg > at.lat_deg) return;
    const share = (at.lat_deg - a.lat_deg) / (b.lat_deg - a.lat_deg);
    if (at.lon_deg < a.lon_deg + share * (b.lon_deg - a.lon_deg)) inside = !inside;
  });
  return inside;
}

export function isIn({ fence }: Zone, at: LatLon): boolean {
  const { polygon = [], centre, radius_m } = fence;
  if (centre && radius_m) return distanceM(centre, at) <= radius_m;
  return inRing(polygon, at);
}

/** The zones that one is warned of where one stands. */
export const warnedAt = (zones: readonly Zone[], at: LatLon | null): Zone[] =>
  at ? zones.filter((zone) => isWarned(zone) && isIn(zone, at)) : [];
