/** Outlines on the ellipsoid: their area as the planner reckons it, and where one crosses itself. */
import type { LatLon } from './geodesy';

/** Longitude and latitude of each corner, without the closing one. */
export type Ring = [number, number][];

const SEMI_MAJOR_M = 6_378_137;
const ECCENTRICITY_2 = 0.006_694_379_990_14;
const rad = (deg: number): number => (deg * Math.PI) / 180;

/** Metres east and north of a ring's corners from its first one: right to 1 part in 10,000 over 10 km. */
function metres(ring: Ring, [lon0, lat0]: [number, number]): [number, number][] {
  return ring.map(([lon, lat]) => {
    const sin2 = Math.sin(rad((lat + lat0) / 2)) ** 2;
    const root = Math.sqrt(1 - ECCENTRICITY_2 * sin2);
    const meridian = (SEMI_MAJOR_M * (1 - ECCENTRICITY_2)) / root ** 3;
    const parallel = (SEMI_MAJOR_M / root) * Math.cos(rad(lat));
    return [rad(lon - lon0) * parallel, rad(lat - lat0) * meridian];
  });
}

function ringM2(ring: Ring, from: [number, number]): number {
  const at = metres(ring, from);
  return Math.abs(at.reduce((sum, [x, y], i) => {
    const [x2, y2] = at[(i + 1) % at.length]!;
    return sum + x * y2 - x2 * y;
  }, 0)) / 2;
}

export function ringsAreaM2(area: Ring, holes: Ring[]): number {
  if (area.length < 3) return 0;
  const from = area[0]!;
  return Math.max(0, ringM2(area, from) - holes.reduce((sum, hole) => sum + ringM2(hole, from), 0));
}

const side = (a: [number, number], b: [number, number], c: [number, number]): number =>
  (b[0] - a[0]) * (c[1] - a[1]) - (b[1] - a[1]) * (c[0] - a[0]);

/** Where an outline first crosses itself; null where it doesn't. Edges that only touch don't cross. */
export function crossing(ring: Ring): LatLon | null {
  const next = (i: number): [number, number] => ring[(i + 1) % ring.length]!;
  const edges = (pick: (a: number, b: number) => number, axis: 0 | 1) =>
    Float64Array.from(ring, (corner, i) => pick(corner[axis], next(i)[axis]));
  const [west, east] = [edges(Math.min, 0), edges(Math.max, 0)];
  const [south, north] = [edges(Math.min, 1), edges(Math.max, 1)];
  for (let i = 0; i < ring.length; i++) {
    for (let j = i + 2; j < ring.length; j++) {
      if (i === 0 && j === ring.length - 1) continue;
      // Most edges lie apart; an outline of a file has up to 20,000.
      if (west[j]! > east[i]! || east[j]! < west[i]! || south[j]! > north[i]! || north[j]! < south[i]!) continue;
      const [a, b, c, d] = [ring[i]!, next(i), ring[j]!, next(j)];
      if (side(a, b, c) * side(a, b, d) < 0 && side(c, d, a) * side(c, d, b) < 0) {
        const part = side(c, d, a) / (side(c, d, a) - side(c, d, b));
        return { lon_deg: a[0] + (b[0] - a[0]) * part, lat_deg: a[1] + (b[1] - a[1]) * part };
      }
    }
  }
  return null;
}
