import { expect, test } from 'vitest';
import '../texts';
import './texts';
import { hazardValue } from './hazard-values';
import type { Clause } from './wire';

const clause = (id: string): Clause | undefined =>
  id === 'c1' ? ({ id, standard: '安全生产法', article: '第三十六条' } as Clause) : undefined;

test.each([
  ['level', 'major', '重大'],
  ['measure', 'at_once', '立即排除'],
  ['media', ['a', 'b', 'c', 'd'], '2 张照片'],
  ['voice', 'a'.repeat(64), '录音'],
  ['clause_ids', ['c1', 'gone'], '安全生产法 第三十六条\ngone'],
  ['clause_ids', [], '(空)'],
  ['voice', null, '(空)'],
  ['text', '堆放杂物', '堆放杂物'],
])('%s %j is read as %s', (field, value, words) => {
  expect(hazardValue(field, value, clause)).toBe(words);
});
