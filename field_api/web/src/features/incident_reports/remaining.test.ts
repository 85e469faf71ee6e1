import { expect, test } from 'vitest';
import { byUrgency, seconds, SOON_MS, urgency } from './remaining';

const at = (due_ms: number | null, start_ms = 0) => ({ due_ms, start_ms });

test('a clock is running, soon, overdue; one without a figure is at once', () => {
  expect(urgency(at(SOON_MS + 1), 0)).toBe('running');
  expect(urgency(at(SOON_MS), 0)).toBe('soon');
  expect(urgency(at(5), 5)).toBe('overdue');
  expect(urgency(at(null), 0)).toBe('at-once');
});

test('what is overdue comes first, the longest before; then soon, at once, and the rest by time left', () => {
  const now = 10 * SOON_MS;
  const clocks = [at(now + 3 * SOON_MS), at(null), at(now - 1), at(now + 2 * SOON_MS), at(now - 9), at(now + 1)];
  const order = [...clocks].sort(byUrgency(now)).map(({ due_ms }) => (due_ms === null ? null : due_ms - now));
  expect(order).toEqual([-9, -1, 1, null, 2 * SOON_MS, 3 * SOON_MS]);
});

test('time is told left as well as over', () => {
  expect(seconds(at(5000), 2000)).toBe(3);
  expect(seconds(at(2000), 5000)).toBe(3);
  expect(seconds(at(null, 1000), 5000)).toBe(4);
});
