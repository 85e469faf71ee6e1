import { expect, test } from 'vitest';
import { HOLD_MS, mayGo, REST_MS, StepGuard } from './guard';

test('a double tap is one step', () => {
  const guard = new StepGuard();
  expect(guard.pass('a', 1000)).toBe(true);
  expect(guard.pass('a', 1001)).toBe(false);
  expect(guard.pass('b', 1001)).toBe(true);
  expect(guard.pass('a', 1000 + REST_MS)).toBe(true);
});

test('a clock that is set back locks nothing', () => {
  const guard = new StepGuard();
  guard.pass('a', 86_400_000);
  expect(guard.pass('a', 1000)).toBe(true);
  expect(mayGo(86_400_000, 1000)).toBe(true);
});

test('a held step goes when its time is over, and not before', () => {
  expect(mayGo(undefined, 0)).toBe(true);
  expect(mayGo(1000 + HOLD_MS, 1000)).toBe(false);
  expect(mayGo(1000 + HOLD_MS, 1000 + HOLD_MS)).toBe(true);
});
