import { expect, test } from 'vitest';
import type { Check } from '$shared/api/records';
import { article, judge } from './checks';

const check = (id: string, severity: Check['severity'], passed: boolean, source = 'O2'): Check => ({
  id,
  severity,
  passed,
  source,
  text_zh: id,
  text_en: id,
  value: null,
  limit: null,
  at: null,
});

test('a refusal, a caution, a note and what passed are told apart', () => {
  const judged = judge([
    check('clearance', 'block', true),
    check('law_19_zone', 'block', false),
    check('law_26_application', 'caution', false),
    check('law_32_lights', 'info', true),
    check('max_agl', 'caution', true),
  ]);
  const ids = (list: Check[]) => list.map((each) => each.id);
  expect(ids(judged.refused)).toEqual(['law_19_zone']);
  expect(ids(judged.cautions)).toEqual(['law_26_application']);
  expect(ids(judged.notes)).toEqual(['law_32_lights']);
  expect(ids(judged.passed)).toEqual(['clearance', 'max_agl']);
});

test('only articles and the unit\u2019s own rules are cited', () => {
  expect(article(check('a', 'block', true, '条例第十九条第二款'))).toBe('条例第十九条第二款');
  expect(article(check('b', 'info', true, '本单位规定'))).toBe('本单位规定');
  expect(article(check('c', 'block', true, 'O2'))).toBe('');
});
