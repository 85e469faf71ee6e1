import { describe, expect, it } from 'vitest';
import { between, pictureIn } from './regions';

describe('regions of a picture', () => {
  it('is the same from whichever corner it was drawn, and stays inside', () => {
    const wanted = { x: 0.2, y: 0.1, w: 0.5, h: 0.3 };
    for (const [one, other] of [
      [{ x: 0.2, y: 0.1 }, { x: 0.7, y: 0.4 }],
      [{ x: 0.7, y: 0.4 }, { x: 0.2, y: 0.1 }],
      [{ x: 0.2, y: 0.4 }, { x: 0.7, y: 0.1 }],
    ] as const) {
      const region = between(one, other)!;
      for (const key of ['x', 'y', 'w', 'h'] as const) expect(region[key]).toBeCloseTo(wanted[key]);
    }
    expect(between({ x: 0.9, y: -1 }, { x: 3, y: 2 })).toEqual({ x: 0.9, y: 0, w: expect.closeTo(0.1), h: 1 });
  });

  it('is none where it was a click', () => {
    expect(between({ x: 0.5, y: 0.5 }, { x: 0.505, y: 0.9 })).toBeNull();
  });

  it('lies in the middle of what holds it', () => {
    expect(pictureIn(400, 400, 2)).toEqual({ width: 400, height: 200, left: 0, top: 100 });
    expect(pictureIn(400, 100, 2)).toEqual({ width: 200, height: 100, left: 100, top: 0 });
  });
});
