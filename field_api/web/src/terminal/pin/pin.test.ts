import { describe, expect, test } from 'vitest';
import { delayMs, isWeak, makePin, matches, waitMs } from './pin';

describe('a PIN', () => {
  test('opens what it was chosen for, and nothing else does', async () => {
    const stored = await makePin('li', '402719', 1000);
    expect(await matches(stored, '402719')).toBe(true);
    for (const wrong of ['402718', '', '40271', '4027190']) expect(await matches(stored, wrong)).toBe(false);
    expect(new TextDecoder().decode(stored.hash)).not.toContain('402719');
  });

  test('of two people is never stored alike', async () => {
    const [one, other] = [await makePin('li', '402719', 1000), await makePin('wang', '402719', 1000)];
    expect(one.hash).not.toEqual(other.hash);
  });

  test.each(['000000', '123456', '654321', '456789', '987654', '012345'])('%s is too weak', (pin) => expect(isWeak(pin)).toBe(true));
  test.each(['402719', '112233', '135790'])('%s will do', (pin) => expect(isWeak(pin)).toBe(false));

  test('the wait after wrong ones grows, up to a quarter of an hour', () => {
    expect([0, 1, 2, 3, 4, 5, 20].map(delayMs)).toEqual([0, 0, 0, 30_000, 60_000, 120_000, 900_000]);
  });

  test('a clock that was set back locks nobody out for good', async () => {
    const stored = { ...(await makePin('li', '402719', 1000)), notBeforeMs: 10 ** 13 };
    expect(waitMs(stored, 0)).toBe(900_000);
    expect(waitMs({ ...stored, notBeforeMs: 5 }, 10)).toBe(0);
  });
});
