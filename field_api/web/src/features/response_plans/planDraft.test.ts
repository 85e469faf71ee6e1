import { expect, test } from 'vitest';
import { complete, daysTo, draftOf, emptyAction, expiry, nextKey } from './planDraft';

test('a plan is ending some weeks before its last day, and over the day after it', () => {
  expect(expiry(null, '2025-03-15')).toBe('none');
  expect(expiry('2026-03-15', '2025-03-15')).toBe('valid');
  expect(expiry('2025-05-14', '2025-03-15')).toBe('soon');
  expect(expiry('2025-03-15', '2025-03-15')).toBe('soon');
  expect(expiry('2025-03-14', '2025-03-15')).toBe('over');
  expect(daysTo('2024-03-01', '2024-02-28')).toBe(2);
});

test('a new action gets a key that no level has', () => {
  const levels = [
    { level: '4' as const, title: 'x', actions: [emptyAction('a1'), emptyAction('a3')] },
    { level: '3' as const, title: 'y', actions: [emptyAction('a1')] },
  ];
  expect(nextKey(levels)).toBe('a4');
  expect(nextKey([])).toBe('a1');
});

test('a plan is complete once every level has actions with titles', () => {
  const draft = draftOf();
  expect(complete(draft)).toBe(false);
  draft.name = '森林火灾';
  draft.levels = [{ level: '4', title: '四级', actions: [emptyAction('a1')] }];
  expect(complete(draft)).toBe(false);
  draft.levels[0]!.actions[0]!.title = '核实';
  expect(complete(draft)).toBe(true);
});
