import { expect, test } from 'vitest';
import { AGAIN_MS, OVER_MS, Reminder } from './reminder';

/** A repeatable stream of numbers in [0, 1). */
function dice(seed: number): () => number {
  let state = seed;
  return () => ((state = (state * 1_664_525 + 1_013_904_223) % 2 ** 32) / 2 ** 32);
}

test('it is told at once, again every few minutes, and anew after it was over', () => {
  const reminder = new Reminder();
  expect(reminder.due(['a'], 0)).toBe(true);
  expect(reminder.due(['a'], 5000)).toBe(false);
  expect(reminder.due([], 10_000)).toBe(false);
  expect(reminder.due(['a'], 15_000)).toBe(false);
  expect(reminder.due(['a', 'b'], 20_000)).toBe(true);
  expect(reminder.due([], 20_001 + OVER_MS)).toBe(false);
  expect(reminder.due(['a'], 20_002 + OVER_MS)).toBe(true);
});

test.each([1, 2, 3, 4, 5, 6, 7, 8])('however one wanders: told on entering, never silent for long inside, never twice at a border (%i)', (seed) => {
  const roll = dice(seed);
  const reminder = new Reminder();
  let inside = false;
  let toldMs = -Infinity;
  let lastInMs = -Infinity;
  for (let nowMs = 0; nowMs < 3 * 3_600_000; nowMs += 5000) {
    if (roll() < 0.1) inside = !inside;
    const told = reminder.due(inside ? ['zone'] : [], nowMs);
    if (!inside) {
      expect(told).toBe(false);
      continue;
    }
    const entered = nowMs - lastInMs > OVER_MS;
    lastInMs = nowMs;
    expect(told).toBe(entered || nowMs - toldMs >= AGAIN_MS);
    if (told) toldMs = nowMs;
  }
});
