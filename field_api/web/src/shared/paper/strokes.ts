/** Signatures as strokes on a pad 1000 wide and 400 high: x0, y0, x1, y1, ... each. */
export const PAD = { width: 1000, height: 400 } as const;
/** The most that a signature may hold (`Signature.strokes`). */
const MOST = { strokes: 200, numbers: 2000 } as const;

export type Stroke = number[];

const within = (value: number, most: number) => Math.min(most, Math.max(0, Math.round(value)));

/** A point of the screen on the pad's grid. */
export function onPad(
  point: { clientX: number; clientY: number },
  box: { left: number; top: number; width: number; height: number },
): [number, number] {
  return [
    within(((point.clientX - box.left) / box.width) * PAD.width, PAD.width),
    within(((point.clientY - box.top) / box.height) * PAD.height, PAD.height),
  ];
}

/** Add a point; one that is where the last was adds nothing. */
export function extend(stroke: Stroke, [x, y]: [number, number]): Stroke {
  if (stroke.at(-2) === x && stroke.at(-1) === y) return stroke;
  return stroke.length + 2 > MOST.numbers ? stroke : [...stroke, x, y];
}

export function add(strokes: Stroke[], stroke: Stroke): Stroke[] {
  return stroke.length < 2 || strokes.length >= MOST.strokes ? strokes : [...strokes, stroke];
}

/** A path for SVG; a tap is a dot. */
export function pathOf(stroke: Stroke): string {
  const points: string[] = [];
  for (let at = 0; at + 1 < stroke.length; at += 2) points.push(`${stroke[at]} ${stroke[at + 1]}`);
  if (points.length === 1) points.push(`${stroke[0]! + 1} ${stroke[1]}`);
  return points.length ? `M${points.join('L')}` : '';
}
