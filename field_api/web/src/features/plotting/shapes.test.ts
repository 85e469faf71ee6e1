import { expect, test } from 'vitest';
import { FORMS, KINDS, type Shape } from './kinds';
import { geometryOf, middleOf, shapeOf } from './shapes';

const at = (lat_deg: number, lon_deg: number) => ({ lat_deg, lon_deg });
const SHAPES: Shape[] = [
  { form: 'point', points: [at(24.94, 102.61)], holes: [] },
  { form: 'line', points: [at(24.94, 102.61), at(24.95, 102.62)], holes: [] },
  {
    form: 'area',
    points: [at(24.94, 102.61), at(24.95, 102.61), at(24.95, 102.62)],
    holes: [[at(24.947, 102.612), at(24.948, 102.612), at(24.948, 102.613)]],
  },
];

test.each(SHAPES)('a $form is the same after the map had it', (shape) => {
  expect(shapeOf(geometryOf(shape))).toEqual(shape);
});

test('the middle is of what is covered, not of its corners', () => {
  expect(middleOf({ points: [at(0, 0), at(2, 0), at(2, 0), at(2, 4)] })).toEqual(at(1, 2));
});

test('every kind has a form', () => {
  expect(KINDS.every((kind) => FORMS[kind].length > 0)).toBe(true);
});
