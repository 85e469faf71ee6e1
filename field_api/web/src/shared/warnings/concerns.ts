/**
 * Whether a warning concerns a handheld: decided on the handheld itself, without a network, as the
 * command post decides it (`tests/vectors/warnings/concerns.json` holds cases for both).
 */
import { distanceM, type LatLon } from '../geodesy';

export interface Shape {
  polygon?: readonly LatLon[];
  centre?: LatLon | null;
  radius_m?: number | null;
}

export interface Target {
  area_codes: readonly string[];
  shapes: readonly Shape[];
}

/** By position, by the areas of the account, or because nobody knows where the handheld is. */
export type Why = 'place' | 'area' | 'unplaced';

/** Whether a place lies in a ring: how often a ray to the east crosses it. */
export function inRing(ring: readonly LatLon[], at: LatLon): boolean {
  let inside = false;
  ring.forEach((a, index) => {
    const b = ring[(index + 1) % ring.length]!;
    if (a.lat_deg > at.lat_deg === b.lat_deg > at.lat_deg) return;
    const share = (at.lat_deg - a.lat_deg) / (b.lat_deg - a.lat_deg);
    if (at.lon_deg < a.lon_deg + share * (b.lon_deg - a.lon_deg)) inside = !inside;
  });
  return inside;
}

export function isInShape({ polygon = [], centre, radius_m }: Shape, at: LatLon): boolean {
  if (centre) return distanceM(centre, at) <= (radius_m ?? 0);
  return inRing(polygon, at);
}

const meet = (code: string, own: string): boolean => code.startsWith(own) || own.startsWith(code);

export function concerns({ area_codes, shapes }: Target, ownAreas: readonly string[], at: LatLon | null): Why | null {
  if (at && shapes.some((shape) => isInShape(shape, at))) return 'place';
  const ours = !ownAreas.length || area_codes.some((code) => ownAreas.some((own) => meet(code, own)));
  if (area_codes.length && ours) return 'area';
  if (shapes.length && !at) return 'unplaced';
  return area_codes.length || shapes.length ? null : 'area';
}
