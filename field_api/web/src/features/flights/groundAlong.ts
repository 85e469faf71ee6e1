/**
 * The ground under a sortie's way. The command post has no route for a line, so its places are asked
 * for one by one, a few at a time, and kept: a sortie never changes.
 */
import { ask, http } from '$shared/api/client';
import { evenly, type TrackPoint } from './profile';

export interface GroundPoint extends TrackPoint {
  /** Null beyond the elevation model. */
  ground_m: number | null;
}

const PLACES = 72;
const AT_ONCE = 6;
const known = new Map<string, GroundPoint[]>();

export async function groundAlong(sortieId: string, track: readonly TrackPoint[]): Promise<GroundPoint[]> {
  const kept = known.get(sortieId);
  if (kept) return kept;
  const places = evenly(track, PLACES);
  const found: GroundPoint[] = [];
  for (let from = 0; from < places.length; from += AT_ONCE) {
    found.push(...(await Promise.all(places.slice(from, from + AT_ONCE).map(grounded))));
  }
  known.set(sortieId, found);
  return found;
}

async function grounded(place: TrackPoint): Promise<GroundPoint> {
  const { lat_deg, lon_deg } = place;
  const { ground_amsl_m } = await ask(http.GET('/api/v1/terrain', { params: { query: { lat_deg, lon_deg } } }));
  return { ...place, ground_m: ground_amsl_m ?? null };
}
