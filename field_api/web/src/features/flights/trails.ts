/** The way an aircraft flew: stored pieces first, then what was heard here since. */
import type { Flown } from '$shared/api/records';
import type { TrailPoint } from './flights.svelte';

/** Apart by more, two points are of two flights: no line is drawn between them. */
const LONGEST_GAP_MS = 30_000;

/** Lines of one aircraft in the order of time, pieces that overlap joined. */
export function trailLines(pieces: Flown[], heard: TrailPoint[]): TrailPoint[][] {
  const stored = pieces
    .flatMap((piece) => piece.points.map((point) => [point[0], point[1], point[3]] as TrailPoint))
    .sort((a, b) => a[2] - b[2]);
  const lastStored = stored.at(-1)?.[2] ?? -Infinity;
  const lines: TrailPoint[][] = [];
  let line: TrailPoint[] = [];
  for (const point of [...stored, ...heard.filter(([, , tMs]) => tMs > lastStored)]) {
    const before = line.at(-1);
    if (before && point[2] === before[2]) continue;
    if (before && point[2] - before[2] > LONGEST_GAP_MS) {
      lines.push(line);
      line = [];
    }
    line.push(point);
  }
  if (line.length) lines.push(line);
  return lines;
}
