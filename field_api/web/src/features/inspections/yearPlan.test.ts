import { expect, test } from 'vitest';
import { countOf, lacks, overCap, spread, total, type PlanRow } from './yearPlan';

test.each([0, 1, 5, 12, 25, 9999])('%i inspections spread over a year stay that many, evenly', (year) => {
  const months = spread(year);
  expect(months).toHaveLength(12);
  expect(total(months)).toBe(year);
  expect(Math.max(...months) - Math.min(...months)).toBeLessThanOrEqual(1);
});

test.each([['7', 7], ['', 0], ['-3', 0], ['2.9', 2], ['x', 0], ['123456', 9999]])('%j is %i', (text, count) => {
  expect(countOf(text)).toBe(count);
});

test('a month lacks what was not done once it has ended; a year has no more than the cap', () => {
  const months = (first: number) => [first, ...Array<number>(11).fill(0)];
  const row = { target: months(2), done: months(1), most: 1 } as PlanRow;
  expect([lacks(row, 0, 0), lacks(row, 0, 1)]).toEqual([false, true]);
  expect([overCap(row), overCap({ ...row, most: 2 }), overCap({ ...row, most: null })]).toEqual([true, false, false]);
});
