import { expect, test } from 'vitest';
import { boardOf, columnOf, isLate } from './columns';

const task = (state: 'sent' | 'acknowledged' | 'en_route' | 'on_scene' | 'done' | 'refused' | 'cancelled', changes = {}) => ({
  state,
  escalated_ms: null,
  due_ms: null,
  created_ms: 0,
  ...changes,
});

test('what has ended, however, is in one column', () => {
  expect((['done', 'refused', 'cancelled', 'sent', 'en_route'] as const).map((state) => columnOf(task(state)))).toEqual(['over', 'over', 'over', 'sent', 'en_route']);
});

test('a task is late when nobody took it, or its time is over before anybody is there', () => {
  expect(isLate(task('sent', { escalated_ms: 1 }), 5)).toBe(true);
  expect(isLate(task('acknowledged', { escalated_ms: 1 }), 5)).toBe(false);
  expect(isLate(task('en_route', { due_ms: 4 }), 5)).toBe(true);
  expect(isLate(task('en_route', { due_ms: 6 }), 5)).toBe(false);
  expect(isLate(task('on_scene', { due_ms: 4 }), 5)).toBe(false);
  expect(isLate(task('cancelled', { due_ms: 4 }), 5)).toBe(false);
});

test('the late ones come first, then those that wait longest', () => {
  const board = boardOf([task('sent', { created_ms: 1 }), task('sent', { created_ms: 3, due_ms: 4 }), task('sent', { created_ms: 0 })], 5);
  expect(board.sent.map(({ created_ms }) => created_ms)).toEqual([3, 0, 1]);
});
