import { describe, expect, test } from 'vitest';
import type { Column, Kind } from './api';
import { nextSort, readAsked, writeAsked } from './asked';
import './texts';
import { cell, differing, fromField, toField } from './values';

const column = (kind: Kind, more: Partial<Column> = {}): Column => ({
  name: 'c',
  kind,
  unit: null,
  required: false,
  searchable: true,
  sortable: true,
  choices: [],
  choices_zh: [],
  choices_en: [],
  title_zh: '列',
  title_en: 'Column',
  ...more,
});

describe('values of a register', () => {
  test.each([
    ['text', '甲'],
    ['integer', 42],
    ['number', -1.5],
    ['boolean', true],
    ['boolean', false],
    ['choice', 'a'],
    ['date', '2025-03-15'],
    ['time', 1_700_000_040_000],
    ['point', { lat_deg: 24.94, lon_deg: 102.62 }],
    ['area', '530112001'],
    ['json', { a: [1, null] }],
    ['outline', { centre: { lat_deg: 24.94, lon_deg: 102.62 }, radius_m: 200 }],
    ['text', null],
    ['number', null],
  ] as const)('%s survives the form: %j', (kind, value) => {
    const c = column(kind, { choices: kind === 'choice' ? ['a', 'b'] : [] });
    expect(fromField(c, toField(c, value))).toEqual({ value });
  });

  test.each([
    ['integer', '1.5', 'integer'],
    ['number', 'viele', 'number'],
    ['choice', 'c', 'choice'],
    ['time', 'gestern', 'time'],
    ['point', '102.62', 'place'],
    ['point', '102.62, 24.94', 'place'],
    ['area', '1, 2', 'area'],
    ['json', '{', 'json'],
  ] as const)('%s refuses %s', (kind, text, fault) => {
    const c = column(kind, { choices: kind === 'choice' ? ['a', 'b'] : [] });
    expect(fromField(c, text)).toEqual({ fault });
  });

  test('what is required must be there', () => {
    expect(fromField(column('text', { required: true }), '  ')).toEqual({ fault: 'required' });
    expect(fromField(column('boolean', { required: true }), '')).toEqual({ value: false });
  });

  test('a cell is short and carries its unit', () => {
    expect(cell(column('number', { unit: 'kg' }), 2.5)).toBe('2.5 kg');
    expect(cell(column('boolean'), false)).toBe('✕');
    expect(cell(column('text'), null)).toBe('');
    expect(cell(column('json'), { name: '任务空域', polygon: [] })).toBe('任务空域');
    expect(cell(column('json'), { polygon: [] })).toBe('—');
    expect(cell(column('area'), '530112003004')).toBe('530112003004');
  });

  test('history names the columns that changed', () => {
    const columns = [column('text', { name: 'a' }), column('text', { name: 'b' })];
    const [before, after] = [{ id: '1', version: 1, area: '', a: 'x' }, { id: '1', version: 2, area: '', a: 'x', b: 'y' }];
    expect(differing(columns, before, after).map((c) => c.name)).toEqual(['b']);
  });
});

describe('a list in the address', () => {
  test('is read as it was written', () => {
    const asked = { q: '加油 站', sort: '-name', where: ['kind:a:b', 'open:true'], area: '530112', offset: 100 };
    expect(readAsked(new URLSearchParams(writeAsked(asked).toString()))).toEqual(asked);
  });

  test('nonsense is the first page', () => {
    expect(readAsked(new URLSearchParams('page=-3')).offset).toBe(0);
    expect(readAsked(new URLSearchParams('page=x')).offset).toBe(0);
  });

  test('a column sorts upwards, downwards, not at all', () => {
    expect(nextSort('', 'a')).toBe('a');
    expect(nextSort('a', 'a')).toBe('-a');
    expect(nextSort('-a', 'a')).toBe('');
    expect(nextSort('b', 'a')).toBe('a');
  });
});

describe('structured values are told in words', () => {
  const json = column('json');

  test.each([
    [['工贸', '危险化学品'], '工贸、危险化学品'],
    [[], '—'],
    [{ cruise_ms: 8, endurance_s: 1800, transit_ms: null }, '巡航速度(m/s) 8 · 续航(s) 1800'],
    [{ launch: { lat_deg: 24.1234567891, lon_deg: 102.5 } }, '起飞点 24.123457, 102.5'],
    [[{ code: '氯', quantity_t: 2 }], '物质 氯 · 数量(t) 2'],
    [{ what_nobody_named: true }, 'what nobody named ✓'],
  ])('%j', (value, words) => {
    expect(cell(json, value)).toBe(words);
  });
});
