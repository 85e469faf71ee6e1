/** A paper as plain lines for a 58 or 80 mm printer: what was ordered, by whom, until when. */
import type { PaperContent } from './wire';

/** Columns of a line: a Chinese character takes two. */
export const COLUMNS = { 58: 32, 80: 48 } as const;

const widthOf = (character: string): number => (/[\u2e80-\uffef]/.test(character) ? 2 : 1);

function wrapped(text: string, columns: number): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line = '';
    let width = 0;
    for (const character of paragraph) {
      if (width + widthOf(character) > columns) {
        lines.push(line);
        line = '';
        width = 0;
      }
      line += character;
      width += widthOf(character);
    }
    lines.push(line);
  }
  return lines;
}

export function receiptLines(content: PaperContent, sha256: string, columns: number): string[] {
  const rule = '-'.repeat(columns);
  return [
    content.office.name,
    content.title,
    content.number,
    rule,
    `单位：${content.party.name}`,
    ...content.fields.filter(({ text }) => text).map(({ title, text }) => `${title}：${text}`),
    ...content.hazards.flatMap(({ number, text, clauses, measure, due }) => [
      `${number}. ${text}`,
      ...clauses.map((clause) => `   ${clause}`),
      `   ${measure}${due ? ` ${due}` : ''}`,
    ]),
    rule,
    `执法人员：${content.officers.map(({ name, certificate }) => `${name} ${certificate}`).join('、')}`,
    `日期：${content.day}`,
    `校验：${sha256.slice(0, 16)}`,
  ].flatMap((line) => wrapped(line, columns));
}
