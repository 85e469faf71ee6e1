import { afterEach, beforeEach, expect, test, vi } from 'vitest';
import { settled } from './settled';

beforeEach(() => vi.useFakeTimers());
afterEach(() => vi.useRealTimers());

test('many changes lead to one call, which is not put off by more of them', () => {
  const act = vi.fn();
  const soon = settled(act, 100);
  for (let n = 0; n < 30; n += 1) {
    soon();
    vi.advanceTimersByTime(10);
  }
  expect(act.mock.calls.length).toBeGreaterThanOrEqual(2);
  expect(act.mock.calls.length).toBeLessThanOrEqual(3);
  soon();
  soon.cancel();
  act.mockClear();
  vi.advanceTimersByTime(1000);
  expect(act).not.toHaveBeenCalled();
});
