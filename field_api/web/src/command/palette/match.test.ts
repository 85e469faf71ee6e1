import { describe, expect, test } from 'vitest';
import { bestOf, fit, type Named } from './match';

const of = (id: string, ...names: string[]): Named => ({ id, names });
const places = [of('a', '碧鸡关'), of('b', '碧鸡街道', 'Biji'), of('c', '海口街道', 'Haikou Street'), of('d', 'UAV-01', '测绘一号')];
const found = (typed: string) => bestOf(places, typed, 10).map(({ id }) => id);

describe('what is typed', () => {
  test('finds by characters, in either language, and by initials', () => {
    expect(found('碧鸡')).toEqual(['a', 'b']);
    expect(found('HAIKOU')).toEqual(['c']);
    expect(found('bj')).toEqual(['a', 'b']);
    expect(found('bjg')).toEqual(['a']);
    expect(found('jd')).toEqual(['b', 'c']);
    expect(found('uav-01')).toEqual(['d']);
  });

  test('a beginning is better than a middle', () => {
    expect(bestOf([of('in', '大海口'), of('at', '海口')], '海口', 10).map(({ id }) => id)).toEqual(['at', 'in']);
  });

  test('every word must fit', () => {
    expect(found('haikou street')).toEqual(['c']);
    expect(found('haikou biji')).toEqual([]);
  });

  test('one letter is no initial: it would find every name', () => {
    expect(fit(of('a', '碧鸡关'), 'b')).toBe(0);
  });

  test('nothing typed finds nothing; no more than asked for come', () => {
    expect(found('  ')).toEqual([]);
    expect(bestOf(places, 'jd', 1)).toHaveLength(1);
  });

  test('5,000 names are gone through between two strokes', () => {
    const many = Array.from({ length: 5000 }, (_, at) => of(String(at), `西山区第${at}号蓄水池`, `Water tank ${at}`));
    bestOf(many, 'xsqd', 8); // the readings are made once
    expect(bestOf(many, 'xsqd49', 8)[0]!.names[0]).toContain('第49');
  });
});
