/** Distances and bearings on the sphere: good to 0.5 %, enough for what people read off a map. */
const EARTH_RADIUS_M = 6_371_008.8;
const rad = (deg: number): number => (deg * Math.PI) / 180;

export interface LatLon {
  lat_deg: number;
  lon_deg: number;
}

export function distanceM(a: LatLon, b: LatLon): number {
  const dLat = rad(b.lat_deg - a.lat_deg);
  const dLon = rad(b.lon_deg - a.lon_deg);
  const h =
    Math.sin(dLat / 2) ** 2 +
    Math.cos(rad(a.lat_deg)) * Math.cos(rad(b.lat_deg)) * Math.sin(dLon / 2) ** 2;
  return 2 * EARTH_RADIUS_M * Math.asin(Math.min(1, Math.sqrt(h)));
}

/** Initial bearing from `a` to `b`, degrees clockwise from true north. */
export function bearingDeg(a: LatLon, b: LatLon): number {
  const dLon = rad(b.lon_deg - a.lon_deg);
  const y = Math.sin(dLon) * Math.cos(rad(b.lat_deg));
  const x =
    Math.cos(rad(a.lat_deg)) * Math.sin(rad(b.lat_deg)) -
    Math.sin(rad(a.lat_deg)) * Math.cos(rad(b.lat_deg)) * Math.cos(dLon);
  return ((Math.atan2(y, x) * 180) / Math.PI + 360) % 360;
}

/** The point `distance` metres from `from` along `bearing`. */
export function destination(from: LatLon, bearing_deg: number, distance_m: number): LatLon {
  const d = distance_m / EARTH_RADIUS_M;
  const lat1 = rad(from.lat_deg);
  const b = rad(bearing_deg);
  const lat2 = Math.asin(Math.sin(lat1) * Math.cos(d) + Math.cos(lat1) * Math.sin(d) * Math.cos(b));
  const dLon = Math.atan2(
    Math.sin(b) * Math.sin(d) * Math.cos(lat1),
    Math.cos(d) - Math.sin(lat1) * Math.sin(lat2),
  );
  return { lat_deg: (lat2 * 180) / Math.PI, lon_deg: from.lon_deg + (dLon * 180) / Math.PI };
}

/** South-west and north-east of all places; nothing of none. Of as many as a file may hold. */
export function boundsOf(places: readonly LatLon[]): [LatLon, LatLon] | [] {
  if (!places.length) return [];
  const low = { lat_deg: 90, lon_deg: 180 };
  const high = { lat_deg: -90, lon_deg: -180 };
  for (const { lat_deg, lon_deg } of places) {
    low.lat_deg = Math.min(low.lat_deg, lat_deg);
    low.lon_deg = Math.min(low.lon_deg, lon_deg);
    high.lat_deg = Math.max(high.lat_deg, lat_deg);
    high.lon_deg = Math.max(high.lon_deg, lon_deg);
  }
  return [low, high];
}
