import { expect, test } from 'vitest';
import type { CheckIn, RollAsk } from '$shared/api/records';
import type { OutboxItem } from '../outbox/database';
import { wellOf } from './well';

const timer = (changes: Partial<CheckIn> = {}) =>
  ({ id: 't', started_ms: 1000, interval_s: 60, last_ms: null, ended_ms: null, ...changes }) as CheckIn;
const ask = (changes: Partial<RollAsk> = {}) => ({ id: 'a', answered_ms: null, closed: false, ...changes }) as RollAsk;
const item = (op: 'check_in.say' | 'roll.answer', target: string, t_ms: number, state: OutboxItem['state'] = 'waiting') =>
  ({ work: { op, target, body: { id: 'x', t_ms } }, state }) as OutboxItem;

test('without a timer and a roll call nothing is asked of anybody', () => {
  expect(wellOf([timer({ ended_ms: 5 })], [ask({ closed: true })], [])).toEqual({ timers: [], asks: [], dueMs: null, saidMs: null, waiting: false });
});

test('a word that has not gone out yet counts from when it was said', () => {
  expect(wellOf([timer()], [], []).dueMs).toBe(61_000);
  const after = wellOf([timer()], [], [item('check_in.say', 't', 50_000)]);
  expect(after).toMatchObject({ dueMs: 110_000, saidMs: 50_000, waiting: true });
});

test('a refused word does not count', () => {
  expect(wellOf([timer()], [], [item('check_in.say', 't', 50_000, 'refused')]).dueMs).toBe(61_000);
});

test('the earliest of several timers is the one that is shown', () => {
  expect(wellOf([timer({ last_ms: 90_000 }), timer({ id: 'u' })], [], []).dueMs).toBe(61_000);
});

test('a roll call answered here is not asked again before it went out', () => {
  expect(wellOf([], [ask()], []).asks).toHaveLength(1);
  expect(wellOf([], [ask()], [item('roll.answer', 'a', 5)]).asks).toHaveLength(0);
});
