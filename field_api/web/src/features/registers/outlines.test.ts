import { expect, test } from 'vitest';
import { geometryOf, isOutline, outlineOf, type Outline } from './outlines';

const ring = [[24.94, 102.61], [24.94, 102.62], [24.95, 102.62]].map(([lat_deg, lon_deg]) => ({ lat_deg: lat_deg!, lon_deg: lon_deg! }));

test.each<[string, Outline]>([
  ['a polygon', { polygon: ring }],
  ['a circle in true metres', { centre: ring[0]!, radius_m: 350 }],
])('%s drawn and read back is the same', (_, outline) => {
  expect(isOutline(outline)).toBe(true);
  expect(outlineOf(geometryOf(outline))).toEqual(outline);
});
