import { describe, expect, test } from 'vitest';
import { findInitials, initialsOf, lettersOf, SORTS_BY_PINYIN } from './initials';

test('node and the browsers sort Chinese by pinyin', () => expect(SORTS_BY_PINYIN).toBe(true));

describe('initials', () => {
  test.each([
    ['碧鸡关', 'bjg'],
    ['西山区', 'xsq'],
    ['马街街道', 'mjjd'],
    ['团结街道', 'tjjd'],
    ['海口街道', 'hkjd'],
    ['观音山', 'gys'],
    ['棋盘山', 'qps'],
    ['永昌', 'yc'],
    ['前卫', 'qw'],
    ['福海', 'fh'],
    ['云安', 'ya'],
    ['李志强', 'lzq'],
    ['鹅', 'e'],
    ['欧阳', 'oy'],
    ['瓦窑', 'wy'],
    ['3号水池', '3hsc'],
  ])('of %s are %s', (name, typed) => {
    expect(findInitials(initialsOf(name), typed)).toBe(0);
  });

  test('a character of two readings is found by either', () => {
    for (const typed of ['cp', 'zp']) expect(findInitials(initialsOf('长坡'), typed)).toBe(0);
  });

  test('are found inside a name too, and not where they are not', () => {
    expect(findInitials(initialsOf('西山区森林防火指挥部'), 'slfh')).toBe(3);
    expect(findInitials(initialsOf('碧鸡关'), 'bjx')).toBe(-1);
    expect(findInitials(initialsOf('碧鸡关'), 'bjgg')).toBe(-1);
  });

  test('a name without Chinese has none', () => expect(initialsOf('Biji Guan 3')).toEqual([]));
  test('marks have no letter', () => expect(lettersOf('·')).toBe(''));
});
