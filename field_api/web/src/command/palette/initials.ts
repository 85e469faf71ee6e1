/**
 * Pinyin initials of Chinese names: 碧鸡关 is found by "bjg". No table of 20,000 characters is shipped:
 * the browser sorts Chinese by pinyin (CLDR collation `zh`), so the initial of a character is the last
 * letter whose first character does not sort after it.
 */
const LETTERS = 'abcdefghjklmnopqrstwxyz';
/** The first character of each letter in that order; no syllable begins with i, u or v. */
const FIRST = '阿八嚓哒妸发旮哈讥咔垃痳拏噢妑七呥扨它穵夕丫帀';
const HAN = /\p{Script=Han}/u;

/** Characters of two readings that stand in names of places and people: either initial finds them. */
const READINGS: Readonly<Record<string, string>> = {
  长: 'cz', 重: 'cz', 乐: 'ly', 行: 'hx', 朝: 'cz', 曾: 'cz', 单: 'ds', 解: 'jx', 仇: 'cq', 区: 'oq',
  厦: 'sx', 会: 'hk', 盛: 'cs', 藏: 'cz', 传: 'cz', 调: 'dt', 查: 'cz', 尉: 'wy', 秘: 'bm', 参: 'cs',
  车: 'cj', 宿: 'sx', 翟: 'dz', 洗: 'sx', 校: 'jx', 降: 'jx',
};

const order = new Intl.Collator('zh-Hans-u-co-pinyin');
const known = new Map<string, string>();

/** Whether this browser sorts by pinyin; one without it finds names by their characters only. */
export const SORTS_BY_PINYIN = order.compare('山', '西') < 0 && order.compare('丁', '一') < 0;

/** The letters that a character may begin with; itself where it is a letter or digit, else none. */
export function lettersOf(character: string): string {
  if (/[a-z0-9]/i.test(character)) return character.toLowerCase();
  if (!HAN.test(character) || !SORTS_BY_PINYIN) return '';
  const kept = known.get(character);
  if (kept !== undefined) return kept;
  let at = LETTERS.length - 1;
  while (at > 0 && order.compare(FIRST[at]!, character) > 0) at -= 1;
  const found = READINGS[character] ?? LETTERS[at]!;
  known.set(character, found);
  return found;
}

/** What each character of a name may begin with, in order; characters without a letter are left out. */
export function initialsOf(name: string): string[] {
  return HAN.test(name) ? [...name].map(lettersOf).filter(Boolean) : [];
}

/** Where `typed` (letters) stands in the initials, -1 where nowhere. */
export function findInitials(initials: readonly string[], typed: string): number {
  for (let start = 0; start + typed.length <= initials.length; start += 1) {
    if ([...typed].every((letter, at) => initials[start + at]!.includes(letter))) return start;
  }
  return -1;
}
