import { describe, expect, test } from 'vitest';
import { groupOf, groupsOf, markOf, read, rowsOf, shown, wishesOf, written, type Told } from './table';

const REAL = 9;
const INT8 = 2;
const told = (name: string, value: number, kind = REAL): Told => ({ name, value, kind });
const VALUES = [told('RTL_ALT', 1500, 4), told('RTL_SPEED', 0, 4), told('ATC_RAT_YAW_P', Math.fround(0.2)), told('FS_OPTIONS', 0, INT8)];

describe('numbers', () => {
  test('are written as short as the wire allows', () => {
    expect(written(Math.fround(0.02))).toBe('0.02');
    expect(written(1500)).toBe('1500');
    expect(written(Math.fround(1 / 3))).toBe('0.33333334');
    expect(Math.fround(Number(written(Math.fround(Math.PI))))).toBe(Math.fround(Math.PI));
  });

  test.each([
    ['12', INT8, { value: 12 }],
    ['-1.5e2', REAL, { value: -150 }],
    ['1,5', REAL, { fault: 'number' }],
    ['NaN', REAL, { fault: 'number' }],
    ['', REAL, { fault: 'number' }],
    ['1e39', REAL, { fault: 'range' }],
    ['0.5', INT8, { fault: 'whole' }],
    ['128', INT8, { fault: 'range' }],
    ['-128', INT8, { value: -128 }],
  ])('%j as type %i', (text, kind, result) => expect(read(text, kind)).toEqual(result));
});

test('groups are the first word, without its number', () => {
  expect(groupOf('ATC_RAT_YAW_P')).toBe('ATC');
  expect(groupOf('SERIAL2_BAUD')).toBe('SERIAL');
  expect(groupOf('FLTMODE1')).toBe('FLTMODE');
  expect(groupsOf(rowsOf(VALUES, {}, []))).toEqual([
    { group: 'ATC', count: 1 },
    { group: 'FS', count: 1 },
    { group: 'RTL', count: 2 },
  ]);
});

test('searching, a group and what changed narrow the table', () => {
  const rows = rowsOf(VALUES, { RTL_ALT: '3000', RTL_SPEED: '0' }, [
    { name: 'FS_OPTIONS', here: 0, there: 1 },
    { name: 'NEW_ONE', here: null, there: 7 },
  ]);
  const names = (filter: Partial<Parameters<typeof shown>[1]>) =>
    shown(rows, { q: '', group: '', changedOnly: false, ...filter }).map(({ name }) => name);
  expect(names({ q: 'rtl' })).toEqual(['RTL_ALT', 'RTL_SPEED']);
  expect(names({ q: 'yaw atc' })).toEqual(['ATC_RAT_YAW_P']);
  expect(names({ group: 'FS' })).toEqual(['FS_OPTIONS']);
  // The same number typed again is no change.
  expect(names({ changedOnly: true })).toEqual(['FS_OPTIONS', 'NEW_ONE', 'RTL_ALT']);
});

test('what would be set carries what was seen, and nothing is set while something is wrong', () => {
  expect(wishesOf(rowsOf(VALUES, { RTL_ALT: '3000', ATC_RAT_YAW_P: '0.2' }, []))).toEqual([
    { name: 'RTL_ALT', value: 3000, was: 1500 },
  ]);
  expect(wishesOf(rowsOf(VALUES, { RTL_ALT: '3000', FS_OPTIONS: '0.5' }, []))).toBeNull();
});

test('marks are found by how a name begins', () => {
  const marks = [{ begins: 'FENCE_', text_zh: '', text_en: '' }];
  expect(markOf('FENCE_ENABLE', marks)).toBe(marks[0]);
  expect(markOf('RTL_ALT', marks)).toBeUndefined();
});
