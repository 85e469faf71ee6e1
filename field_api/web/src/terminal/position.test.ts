import { describe, expect, test } from 'vitest';
import { isDue, type Fix } from './position.svelte';

const fix = (t_ms: number): Fix => ({ lat_deg: 24.9, lon_deg: 102.6, accuracy_m: 5, t_ms });

describe('telling where the handheld is', () => {
  test('a new fix goes out, not more often than every 10 s', () => {
    expect(isDue(fix(1000), { fixMs: 0, atMs: 0 }, 20_000)).toBe(true);
    expect(isDue(fix(21_000), { fixMs: 1000, atMs: 20_000 }, 25_000)).toBe(false);
    expect(isDue(fix(29_000), { fixMs: 1000, atMs: 20_000 }, 30_000)).toBe(true);
  });

  test('a fix that has been told is never told again, however long no other comes', () => {
    expect(isDue(fix(1000), { fixMs: 1000, atMs: 20_000 }, 4_000_000)).toBe(false);
  });

  test('without a fix there is nothing to tell', () => {
    expect(isDue(null, { fixMs: 0, atMs: 0 }, 20_000)).toBe(false);
  });
});
