import { describe, expect, test } from 'vitest';
import { heard, type Here, type Said } from './togetherRules';

const first: Here = { userId: 'duty', second: false, goesAlong: true };
const second: Here = { userId: 'duty', second: true, goesAlong: true };
const chosen: Said = { kind: 'chosen', userId: 'duty', incidentId: 'i1', lead: 'UAV-02' };

describe('two windows', () => {
  test('the second shows what is chosen in the first', () => {
    expect(heard(chosen, second)).toEqual({ incidentId: 'i1', lead: 'UAV-02' });
  });
  test('who opted out stays', () => expect(heard(chosen, { ...second, goesAlong: false })).toBeNull());
  test('the first follows nobody', () => expect(heard(chosen, first)).toBeNull());
  test('the first answers who asks, the second does not', () => {
    expect(heard({ kind: 'asked', userId: 'duty' }, first)).toBe('tell');
    expect(heard({ kind: 'asked', userId: 'duty' }, second)).toBeNull();
  });
  test('another person’s window, and one that nobody is signed in to, are left alone', () => {
    expect(heard(chosen, { ...second, userId: 'pilot' })).toBeNull();
    expect(heard({ ...chosen, userId: '' }, { ...second, userId: '' })).toBeNull();
  });
});
