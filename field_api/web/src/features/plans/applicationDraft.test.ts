import { expect, test } from 'vitest';
import type { Application } from '$shared/api/records';
import { changes, draftOf } from './applicationDraft';

const filled = {
  items: [
    { number: 1, title_zh: '', title_en: '', text: '甲' },
    { number: 2, title_zh: '', title_en: '', text: '乙' },
  ],
  takeoff_ms: new Date('2025-03-15T14:32:47').getTime(),
  finished_ms: new Date('2025-03-15T15:02:10').getTime(),
} as Application['application'];

test('nothing typed changes nothing, not even seconds', () => {
  expect(changes(filled, draftOf(filled))).toEqual({ items: [] });
});

test('only what was typed is sent', () => {
  const draft = draftOf(filled);
  draft.texts[1] = '丙';
  draft.takeoff = '2025-03-15T16:00';
  expect(changes(filled, draft)).toEqual({
    items: [{ number: 2, text: '丙' }],
    takeoff_ms: new Date('2025-03-15T16:00').getTime(),
  });
});

test('an emptied time stays as it was', () => {
  expect(changes(filled, { ...draftOf(filled), finished: '' })).toEqual({ items: [] });
});
