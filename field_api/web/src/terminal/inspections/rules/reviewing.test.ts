import { expect, test } from 'vitest';
import { formOf } from '$shared/paper/forms';
import { contradicted } from './reviewing';

const found = (form: string, conclusion: string | null, ...results: [state: string, result: string | null][]) =>
  contradicted(formOf(form)!, { conclusion }, results.map(([state, check_result]) => ({ state, check_result }))).map(({ code }) => code);

test('a review does not say that all is done while a hazard was not found cleared', () => {
  const wrong = ['conclusion_contradicts_check'];
  expect(found('REVIEW', 'done', ['ordered', null])).toEqual(wrong);
  expect(found('REVIEW', 'resume', ['cleared', 'cleared'], ['ordered', 'open'])).toEqual(wrong);
  expect(found('REVIEW', 'done', ['cleared', 'cleared'], ['rectified', 'cleared'])).toEqual([]);
  expect(found('REVIEW', 'partly', ['ordered', null])).toEqual([]);
  expect(found('REVIEW', null, ['ordered', null])).toEqual([]);
  expect(found('RECORD', 'done', ['ordered', null])).toEqual([]);
});
