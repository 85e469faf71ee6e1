/** Several outlines of one search, and whose holes are whose. */
export type Ring = [number, number][];

/** An area to search: longitude and latitude. */
export interface Outline {
  outer: Ring;
  holes: Ring[];
}

const EARTH_RADIUS_M = 6_371_008.8;
const rad = (deg: number): number => (deg * Math.PI) / 180;

/** On the sphere, good to 0.5 %. */
export function ringAreaM2(ring: Ring): number {
  let sum = 0;
  ring.forEach(([lon, lat], at) => {
    const [nextLon, nextLat] = ring[(at + 1) % ring.length]!;
    sum += rad(nextLon - lon) * (2 + Math.sin(rad(lat)) + Math.sin(rad(nextLat)));
  });
  return Math.abs((sum * EARTH_RADIUS_M ** 2) / 2);
}

export const outlineAreaM2 = ({ outer, holes }: Outline): number =>
  Math.max(0, ringAreaM2(outer) - holes.reduce((sum, hole) => sum + ringAreaM2(hole), 0));

export function inside([x, y]: [number, number], ring: Ring): boolean {
  let within = false;
  ring.forEach(([ax, ay], at) => {
    const [bx, by] = ring[(at + 1) % ring.length]!;
    if (ay > y !== by > y && x < ((bx - ax) * (y - ay)) / (by - ay) + ax) within = !within;
  });
  return within;
}

/** Give every hole to the outline that holds most of its corners, the smaller of two that do. */
export function shareHoles(outers: Ring[], holes: Ring[]): Outline[] {
  const outlines = outers.map((outer) => ({ outer, holes: [] as Ring[] }));
  const bySize = [...outlines].sort((a, b) => ringAreaM2(a.outer) - ringAreaM2(b.outer));
  for (const hole of holes) {
    let owner = outlines[0];
    let most = 0;
    for (const outline of bySize) {
      const held = hole.filter((corner) => inside(corner, outline.outer)).length;
      if (held > most) [owner, most] = [outline, held];
    }
    owner?.holes.push(hole);
  }
  return outlines;
}
