import { describe, expect, test } from 'vitest';
import { qrRows } from './qr';
import { columns, receipt, wrap } from './receipt';
import { add, extend, onPad, pathOf } from './strokes';

describe('receipts', () => {
  test.each([
    ['西山区', 6],
    ['abc', 3],
    ['第2项，1.1 m。', 14],
    ['〔2026〕', 8],
    ['𠮷', 2],
    ['“引号”', 8],
  ])('%s takes %i columns', (text, wanted) => {
    expect(columns(text)).toBe(wanted);
  });

  const content = {
    title: '责令限期整改指令书',
    number: '（西）应急责改〔2026〕12号',
    day: '2026-11-29',
    office: { name: '西山区应急管理局' },
    party: { name: '西山某某机械制造有限公司' },
    officers: [{ name: '王志强', certificate: '53010219870001' }],
    fields: [
      { name: 'party', title: '被检查单位', text: '西山某某机械制造有限公司' },
      { name: 'due', title: '整改截止日期', text: '2026年12月28日' },
      { name: 'things', title: '清单', rows: [['名称', '数量'], ['工业酒精', '2桶']] },
    ],
    hazards: [
      { number: 1, text: '危险化学品仓库内违规存放酒精约40 kg，未设置防爆型电气设备', level: 'major', due: '2026-12-28' },
    ],
    signatures: [{ role: 'party', name: '张建国', refused: true }],
  };

  test.each([
    [58, 32],
    [80, 48],
  ] as const)('%i mm: no line is wider than %i columns', (width, most) => {
    const text = receipt(content, 'a'.repeat(64), width, 'https://command.example/verify/0192');
    for (const line of text.split('\n')) expect(columns(line), line).toBeLessThanOrEqual(most);
    for (const part of ['【重大】', '· 工业酒精  2桶', '张建国（拒绝签名）', '整改截止日期：2026年12月28日']) {
      expect(text).toContain(part);
    }
    expect(text.replace(/\s/g, '')).toContain('a'.repeat(64));
    expect(text.split('\n')[0]).toBe(' '.repeat((most - 16) / 2) + '西山区应急管理局');
  });

  test('a wide character never straddles the edge', () => {
    expect(wrap('a中中', 4)).toEqual(['a中', '中']);
    expect(wrap('一\n二', 4, 2)).toEqual(['一', '二']);
  });
});

describe('strokes', () => {
  const box = { left: 100, top: 50, width: 500, height: 200 };

  test('points land on the grid and stay inside', () => {
    expect(onPad({ clientX: 350, clientY: 150 }, box)).toEqual([500, 200]);
    expect(onPad({ clientX: -9, clientY: 900 }, box)).toEqual([0, 400]);
  });

  test('a finger that rests adds nothing, a tap is a dot', () => {
    const tap = extend(extend([], [5, 6]), [5, 6]);
    expect(tap).toEqual([5, 6]);
    expect(pathOf(tap)).toBe('M5 6L6 6');
    expect(add([], [])).toEqual([]);
  });

  test('a signature never grows past what the command post takes', () => {
    let stroke: number[] = [];
    for (let x = 0; x < 3000; x += 1) stroke = extend(stroke, [x % 1000, x % 400]);
    expect(stroke.length).toBe(2000);
    let strokes: number[][] = [];
    for (let n = 0; n < 300; n += 1) strokes = add(strokes, [1, n]);
    expect(strokes.length).toBe(200);
  });
});

test('a QR code is square, of 0 and 1, with its three corners', () => {
  const rows = qrRows('https://command.example/verify/01927000-0000-7000-8000-000000000000');
  expect(new Set(rows.map((row) => row.length))).toEqual(new Set([rows.length]));
  expect(rows.join('')).toMatch(/^[01]+$/);
  for (const corner of [rows[0]!.slice(0, 7), rows[0]!.slice(-7), rows.at(-1)!.slice(0, 7)]) {
    expect(corner).toBe('1111111');
  }
});
