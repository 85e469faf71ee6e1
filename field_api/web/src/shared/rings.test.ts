import { describe, expect, it } from 'vitest';
import { crossing, ringsAreaM2, type Ring } from './rings';

// Corners that the planner's local frame puts at (0, 0), (1000, 0), (1000, 1000), (0, 1000) metres.
const square: Ring = [
  [102.6108, 24.9478],
  [102.6207031, 24.9477994],
  [102.6207038, 24.9568275],
  [102.6108, 24.9568282],
];

describe('areas', () => {
  it('are those of the ellipsoid', () => {
    expect(ringsAreaM2(square, []) / 1e6).toBeCloseTo(1.0, 3);
  });

  it('leave out holes, whichever way they are drawn', () => {
    const hole: Ring = [[102.612, 24.949], [102.614, 24.949], [102.614, 24.951], [102.612, 24.951]];
    const whole = ringsAreaM2(square, []);
    expect(ringsAreaM2(square, [hole])).toBeCloseTo(ringsAreaM2(square, [[...hole].reverse()]), 3);
    expect(ringsAreaM2(square, [hole])).toBeLessThan(whole - 40_000);
  });
});

describe('crossings', () => {
  it('are found where they are', () => {
    const bow: Ring = [[102.61, 24.94], [102.62, 24.95], [102.62, 24.94], [102.61, 24.95]];
    const at = crossing(bow)!;
    expect(at.lat_deg).toBeCloseTo(24.945, 6);
    expect(at.lon_deg).toBeCloseTo(102.615, 6);
  });

  it('are none where edges share a corner or only touch', () => {
    expect(crossing(square)).toBeNull();
    expect(crossing([[0, 0], [2, 2], [4, 0], [4, 4], [2, 2], [0, 4]])).toBeNull();
  });
});
