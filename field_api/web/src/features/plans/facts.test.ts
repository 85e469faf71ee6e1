import { expect, test } from 'vitest';
import type { FlightFacts } from '$shared/api/records';
import { answerOf, FACTS, openFacts, restNo, sameFacts, withAnswer } from './facts';

const silent = {} as FlightFacts;

test('nothing is stated until somebody does', () => {
  expect(openFacts(silent)).toEqual([...FACTS]);
  const stated = withAnswer(silent, 'drops', 'yes');
  expect(answerOf(stated, 'drops')).toBe('yes');
  expect(openFacts(stated)).not.toContain('drops');
  expect(answerOf(withAnswer(stated, 'drops', ''), 'drops')).toBe('');
});

test('the rest is stated not to be so without touching what was stated', () => {
  const all = restNo(withAnswer(silent, 'bvlos', 'yes'));
  expect(answerOf(all, 'bvlos')).toBe('yes');
  expect(answerOf(all, 'drops')).toBe('no');
  expect(openFacts(all)).toEqual([]);
});

test('what the server answers with nulls is the same as nothing stated', () => {
  const nulls = Object.fromEntries(FACTS.map((fact) => [fact, null])) as unknown as FlightFacts;
  expect(sameFacts(silent, { ...nulls, loudspeaker: false, height_approval_id: null })).toBe(true);
  expect(sameFacts(silent, withAnswer(silent, 'drops', 'no'))).toBe(false);
  expect(sameFacts(silent, { ...silent, height_approval_id: 'H-1' })).toBe(false);
});
