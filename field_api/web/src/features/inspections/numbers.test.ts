import { expect, it } from 'vitest';
import { ranges } from './numbers';

it('writes numbers as ranges', () => {
  expect(ranges([{ first: 1, last: 3 }, { first: 7, last: 7 }])).toBe('1–3, 7');
  expect(ranges([])).toBe('');
});
