/** A paper as text for a receipt printer: 58 mm paper has 32 columns, 80 mm has 48. */
import { eastAsianWidth } from 'get-east-asian-width';

export type PaperWidth = 58 | 80;
const COLUMNS: Record<PaperWidth, number> = { 58: 32, 80: 48 };

/** What of a paper's content a receipt shows (`PaperContent`). */
export interface ReceiptContent {
  title: string;
  number: string;
  day: string;
  office: { name: string; reconsideration?: string; court?: string };
  party: { name: string };
  officers: { name: string; certificate: string }[];
  fields: { name: string; title: string; text?: string; rows?: string[][] }[];
  hazards?: { number: number; text: string; level: string; due?: string; measure?: string; result?: string }[];
  signatures?: { role: string; name: string; refused?: boolean }[];
}

/** Columns that a text takes: two for a Chinese character, also for its punctuation. */
export function columns(text: string): number {
  let sum = 0;
  for (const character of text) sum += widthOf(character);
  return sum;
}

/** Printers with Chinese fonts print the ambiguous signs (“ ” — ·) wide. */
function widthOf(character: string): number {
  const point = character.codePointAt(0)!;
  if (/\p{Mark}|\p{Control}/u.test(character)) return 0;
  return eastAsianWidth(point, { ambiguousAsWide: true });
}

/** Lines of at most `most` columns; what follows the first is indented. */
export function wrap(text: string, most: number, indent = 0): string[] {
  const lines: string[] = [];
  for (const paragraph of text.split('\n')) {
    let line = '';
    let used = 0;
    for (const character of paragraph.replace(/[\p{Control}]/gu, '')) {
      const wide = widthOf(character);
      if (used + wide > most) {
        lines.push(line);
        line = ' '.repeat(indent);
        used = indent;
      }
      line += character;
      used += wide;
    }
    lines.push(line);
  }
  return lines;
}

function centred(text: string, most: number): string[] {
  return wrap(text, most).map((line) => ' '.repeat(Math.floor((most - columns(line)) / 2)) + line);
}

/** The receipt's lines, joined by line feeds. `link` opens the verification page. */
export function receipt(content: ReceiptContent, sha256: string, width: PaperWidth, link = ''): string {
  const most = COLUMNS[width];
  const rule = '-'.repeat(most);
  const lines = [...centred(content.office.name, most), ...centred(content.title, most)];
  if (content.number) lines.push(...centred(content.number, most));
  lines.push(rule);
  const put = (title: string, text: string) => {
    if (text.trim()) lines.push(...wrap(`${title}：${text.trim()}`, most, 2));
  };
  put('当事人', content.party.name);
  put('日期', content.day);
  for (const field of content.fields) {
    if (field.name === 'party') continue;
    put(field.title, field.text ?? '');
    for (const row of (field.rows ?? []).slice(1)) lines.push(...wrap(`· ${row.join('  ')}`, most, 2));
  }
  const hazards = content.hazards ?? [];
  if (hazards.length) lines.push(rule);
  for (const hazard of hazards) {
    const mark = hazard.level === 'major' ? '【重大】' : '';
    lines.push(...wrap(`${hazard.number}. ${mark}${hazard.text}`, most, 3));
    for (const [title, text] of [['措施', hazard.measure], ['期限', hazard.due], ['复查', hazard.result]] as const) {
      if (text) lines.push(...wrap(`   ${title}：${text}`, most, 3));
    }
  }
  lines.push(rule);
  for (const officer of content.officers) put('执法人员', `${officer.name}（${officer.certificate}）`);
  for (const signature of content.signatures ?? []) {
    if (signature.role !== 'officer') put('签名', `${signature.name}${signature.refused ? '（拒绝签名）' : ''}`);
  }
  put('SHA-256', sha256);
  if (link) put('核验', link);
  lines.push(...wrap('本小票为文书摘要，以正式文书为准。', most));
  return lines.map((line) => line.trimEnd()).join('\n') + '\n';
}
