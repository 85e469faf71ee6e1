/** What a report's words say of people: “找到3人,2人受伤”, “three found, safe”. Pure. */
export type PeopleSaid = Partial<Record<'missing' | 'found' | 'injured', number>>;

const DIGITS: Record<string, number> = { 零: 0, 一: 1, 二: 2, 两: 2, 三: 3, 四: 4, 五: 5, 六: 6, 七: 7, 八: 8, 九: 9 };
const ENGLISH = ['no', 'one', 'two', 'three', 'four', 'five', 'six', 'seven', 'eight', 'nine', 'ten', 'eleven', 'twelve'];
const COUNT = '(\\d{1,5}|[零一二两三四五六七八九十]{1,3})';
const PEOPLE = '\\s*(?:名|位|个)?(?:人员|人|群众|游客|徒步者|徒步人员)?';
const WORDS = {
  found: { zh: '找到|获救|救出|寻获', en: 'found|rescued|safe' },
  missing: { zh: '失联|走失|失踪|被困', en: 'missing' },
  injured: { zh: '受伤|轻伤|重伤|伤员', en: 'injured|hurt' },
} as const;

/** A number as it is written, up to 99 in characters; null where it is none. */
export function written(text: string): number | null {
  if (/^\d+$/.test(text)) return Number(text);
  const english = ENGLISH.indexOf(text.toLowerCase());
  if (english >= 0) return english;
  const [tens, ones, more] = text.includes('十') ? text.split('十') : ['-', text];
  if (more !== undefined) return null;
  const of = (digit: string | undefined, empty: number) => (digit === '' || digit === undefined ? empty : (DIGITS[digit] ?? null));
  const [ten, one] = [tens === '-' ? 0 : of(tens, 1), of(ones, 0)];
  return ten === null || one === null ? null : ten * 10 + one;
}

/**
 * The figures a text states; nothing where one is said twice with different numbers. A proposal: a
 * person confirms it before it counts.
 */
export function peopleSaid(text: string): PeopleSaid {
  const said: PeopleSaid = {};
  for (const [name, { zh, en }] of Object.entries(WORDS) as [keyof typeof WORDS, (typeof WORDS)[keyof typeof WORDS]][]) {
    const patterns = [
      new RegExp(`(?:${zh})(?:了|者|人员)?\\s*${COUNT}\\s*(?:名|位|个|人)`, 'g'),
      new RegExp(`${COUNT}${PEOPLE}(?:已|均|全部|都)*(?:被|经)?(?:${zh})`, 'g'),
      new RegExp(`\\b(\\d{1,5}|${ENGLISH.join('|')})(?:\\s+(?:people|persons?|hikers?))?\\s+(?:${en})\\b`, 'gi'),
    ];
    const found = new Set(patterns.flatMap((each) => [...text.matchAll(each)].map(([, count]) => written(count!))));
    const [only] = found;
    if (found.size === 1 && only != null) said[name] = only;
  }
  return said;
}
