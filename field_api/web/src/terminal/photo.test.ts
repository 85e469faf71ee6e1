import { expect, test } from 'vitest';
import { captionLines } from './photo';

test('time, holder, position, datum and task are burnt in', () => {
  const takenMs = new Date(2025, 2, 15, 15, 22, 7).getTime();
  const position = { lat_deg: 24.9330004, lon_deg: 102.6265, accuracy_m: 6.4 };
  const lines = captionLines({ takenMs, position, who: 'HT-05', what: 'LKP', noPosition: '-' });
  expect(lines).toEqual(['2025-03-15 15:22:07  HT-05', '24.93300, 102.62650 WGS-84 ±6 m  LKP']);
});

test('a photo without a fix says so', () => {
  const caption = { takenMs: 0, position: null, who: 'HT-05', what: 'LKP', noPosition: 'no position' };
  expect(captionLines(caption)[1]).toBe('no position  LKP');
});
