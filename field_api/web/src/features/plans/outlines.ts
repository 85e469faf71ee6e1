/** Several outlines of one search, and whose holes are whose. */
import { ringsAreaM2, type Ring } from '$shared/rings';

/** An area to search: longitude and latitude. */
export interface Outline {
  outer: Ring;
  holes: Ring[];
}

export const outlineAreaM2 = ({ outer, holes }: Outline): number => ringsAreaM2(outer, holes);

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
  const bySize = [...outlines].sort((a, b) => ringsAreaM2(a.outer, []) - ringsAreaM2(b.outer, []));
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
