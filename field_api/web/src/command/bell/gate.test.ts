import { describe, expect, test } from 'vitest';
import { GAP_MS, News, SoundGate } from './gate';

describe('the gate of sounds', () => {
  test('lets one through at once and the next only after the gap', () => {
    const gate = new SoundGate();
    gate.offer('smoke');
    expect(gate.take(0)).toBe('smoke');
    gate.offer('smoke');
    expect(gate.take(GAP_MS - 1)).toBeNull();
    expect(gate.waiting).toBe(true);
    expect(gate.take(GAP_MS)).toBe('smoke');
    expect(gate.take(2 * GAP_MS)).toBeNull();
  });

  test('of many that came meanwhile makes the gravest one heard, once', () => {
    const gate = new SoundGate();
    for (const kind of ['overdue', 'person', 'smoke', 'overdue'] as const) gate.offer(kind);
    expect(gate.take(0)).toBe('person');
    expect(gate.waiting).toBe(false);
  });

  test('waits for the sound of another window as for its own', () => {
    const gate = new SoundGate();
    gate.offer('person');
    expect(gate.take(1000, 0)).toBeNull();
    expect(gate.take(GAP_MS, 0)).toBe('person');
  });

  test('forgets what was silenced', () => {
    const gate = new SoundGate();
    gate.offer('person');
    gate.drop();
    expect(gate.take(0)).toBeNull();
  });
});

test('what is there at the first look is no news, what comes later is, once', () => {
  const news = new News();
  expect(news.fresh(['a', 'b'])).toEqual([]);
  expect(news.fresh(['b', 'c'])).toEqual(['c']);
  expect(news.fresh([])).toEqual([]);
  // It came back after a reconnect: known.
  expect(news.fresh(['a', 'c'])).toEqual([]);
});
