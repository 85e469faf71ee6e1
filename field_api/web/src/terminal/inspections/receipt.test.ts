import { expect, test } from 'vitest';
import { COLUMNS, receiptLines } from './receipt';
import type { PaperContent } from './wire';

test('no line is wider than the paper, nothing is lost', () => {
  const text = '配电室未设置安全警示标志，且堆放可燃物料，未配备灭火器材'.repeat(3);
  const content = {
    title: '责令限期整改指令书', number: '（西）应急责改〔2026〕1号', day: '2026-11-29', fields: [],
    office: { name: '西山区应急管理局' }, party: { name: '云南西山水泥厂' }, officers: [{ name: '李', certificate: '53-1' }],
    hazards: [{ number: 1, text, clauses: ['《安全生产法》第三十五条'], measure: '责令限期整改', due: '2026-12-14' }],
  } as unknown as PaperContent;
  for (const columns of Object.values(COLUMNS)) {
    const lines = receiptLines(content, 'a'.repeat(64), columns);
    const width = (line: string) => [...line].reduce((sum, each) => sum + (each.charCodeAt(0) > 0x2e80 ? 2 : 1), 0);
    expect(Math.max(...lines.map(width))).toBeLessThanOrEqual(columns);
    expect(lines.join('')).toContain(text);
    expect(lines.join('')).toContain('2026-12-14');
  }
});
