/** First letters of Chinese words, by the browser's own collation: no table to carry around. */

/** The first character of each letter in the order of pinyin; checked against GB 2312 in a test. */
const FIRST = '阿八嚓哒妸发旮哈讥咔垃妈拏噢妑七呥仨它穵夕丫帀';
const LETTERS = 'abcdefghjklmnopqrstwxyz';
/** Characters of names that are read in two ways: either finds them. */
const BOTH: Readonly<Record<string, string>> = {
  重: 'zc', 长: 'cz', 行: 'xh', 乐: 'ly', 厦: 'xs', 朝: 'cz', 藏: 'zc', 调: 'td', 泊: 'bp', 辟: 'bp', 曾: 'zc',
  单: 'ds', 沈: 'sc', 车: 'cj', 蛤: 'gh', 茄: 'qj', 埔: 'pb',
};
const MOST_READINGS = 8;
const collator = new Intl.Collator('zh-u-co-pinyin');

function letterOf(character: string): string {
  if (!/\p{Script=Han}/u.test(character)) return /[a-z0-9]/i.test(character) ? character.toLowerCase() : '';
  let low = 0;
  let high = FIRST.length - 1;
  while (low < high) {
    const middle = (low + high + 1) >> 1;
    if (collator.compare(FIRST[middle]!, character) <= 0) low = middle;
    else high = middle - 1;
  }
  return LETTERS[low]!;
}

const letters = new Map<string, string>();
function letter(character: string): string {
  let known = letters.get(character);
  if (known === undefined) letters.set(character, (known = letterOf(character)));
  return known;
}

/** Initials of a text, e.g. 昆明水泥 `kmsn`; where it can be read in several ways, all of them. */
export function initials(text: string): string {
  let readings: string[] = [''];
  for (const each of text) {
    const next = readings.length < MOST_READINGS ? (BOTH[each] ?? letter(each)) : letter(each);
    // Nearly always there is one; thousands of names are read at once.
    if (next.length === 1) for (let at = 0; at < readings.length; at += 1) readings[at] += next;
    else if (next) readings = [...next].flatMap((one) => readings.map((reading) => reading + one));
  }
  return readings.join(' ');
}
