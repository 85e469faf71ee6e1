/** Lines with fewer points, and how far that moves them. */
import { distanceM, type LatLon } from '$shared/geodesy';

const FIRST_STEP_M = 0.5;

/**
 * Keep `most` points at most: those closer to the one before than a step are left out, so that each
 * lies within `movedM` of the line that remains.
 */
export function thinned(line: LatLon[], most: number): { points: LatLon[]; movedM: number } {
  if (line.length <= most) return { points: line, movedM: 0 };
  for (let stepM = FIRST_STEP_M; ; stepM *= 2) {
    let last = line[0]!;
    const between = line.slice(1, -1).filter((point) => {
      if (distanceM(last, point) < stepM) return false;
      last = point;
      return true;
    });
    if (between.length + 2 <= most) return { points: [line[0]!, ...between, line.at(-1)!], movedM: stepM };
  }
}
