import { describe, expect, it } from 'vitest';
import { dayOf, daysBetween, mondayOf, addDays, weekOf } from './days';

describe('days', () => {
  it('are those of the bureau, whatever zone the browser is in', () => {
    expect(dayOf(Date.parse('2026-11-28T15:59:59Z'))).toBe('2026-11-28');
    expect(dayOf(Date.parse('2026-11-28T16:00:00Z'))).toBe('2026-11-29');
  });

  it('are counted over the ends of months and years', () => {
    expect(addDays('2026-12-31', 1)).toBe('2027-01-01');
    expect(addDays('2028-02-28', 1)).toBe('2028-02-29');
    expect(daysBetween('2026-12-25', '2027-01-01')).toBe(7);
    expect(daysBetween('2026-12-25', '2026-12-24')).toBe(-1);
  });

  it('make weeks that begin on Monday', () => {
    expect(mondayOf('2026-11-29')).toBe('2026-11-23');
    expect(weekOf('2026-11-23')).toEqual([
      '2026-11-23', '2026-11-24', '2026-11-25', '2026-11-26', '2026-11-27', '2026-11-28', '2026-11-29',
    ]);
  });
});
