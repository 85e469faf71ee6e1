/** Document numbers from the blocks that this handheld has drawn. */
import type { NumberBlock } from '../wire';

export interface Series {
  office_id: string;
  form: string;
  year: number;
  terminal_id: string;
}

export interface Numbered {
  block_id: string;
  n: number;
  /** As printed, e.g. `（西）应急检记〔2026〕12号`. */
  text: string;
}

export const numberText = (block: Pick<NumberBlock, 'prefix' | 'suffix'>, n: number): string =>
  `${block.prefix}${n}${block.suffix}`;

const numbersOf = ({ first, last }: NumberBlock): number[] =>
  Array.from({ length: last - first + 1 }, (_, at) => first + at);

const ofSeries = (blocks: readonly NumberBlock[], series: Series): NumberBlock[] =>
  blocks
    .filter(
      (block) =>
        block.returned_ms === null &&
        block.office_id === series.office_id &&
        block.form === series.form &&
        block.year === series.year &&
        block.terminal_id === series.terminal_id,
    )
    .sort((a, b) => a.first - b.first);

/** Numbers that are left, in their order; `taken` are those that papers here have already. */
export function numbersLeft(
  blocks: readonly NumberBlock[],
  series: Series,
  taken: ReadonlySet<string>,
): Numbered[] {
  const left: Numbered[] = [];
  for (const block of ofSeries(blocks, series)) {
    for (const n of numbersOf(block)) {
      const text = numberText(block, n);
      if (!block.used.includes(n) && !taken.has(text)) left.push({ block_id: block.id, n, text });
    }
  }
  return left;
}

/** What may be given back: whole blocks, as they were drawn. */
export interface Returnable {
  blocks: NumberBlock[];
  /** How many unused numbers that is. */
  count: number;
  /** Blocks that stay: a paper here has a number of theirs that the command post has not seen used. */
  kept: NumberBlock[];
}

/** Blocks of a handheld with numbers left, those apart that a paper here still needs. */
export function returnable(blocks: readonly NumberBlock[], terminal_id: string, taken: ReadonlySet<string>): Returnable {
  const found: Returnable = { blocks: [], count: 0, kept: [] };
  for (const block of blocks) {
    if (block.returned_ms !== null || block.terminal_id !== terminal_id) continue;
    const unused = numbersOf(block).filter((n) => !block.used.includes(n));
    if (!unused.length) continue;
    if (unused.some((n) => taken.has(numberText(block, n)))) found.kept.push(block);
    else {
      found.blocks.push(block);
      found.count += unused.length;
    }
  }
  return found;
}

/** How many of each form have to be drawn so that `want` wait; empty when all do. */
export function shortfall(
  blocks: readonly NumberBlock[],
  forms: readonly string[],
  { office_id, year, terminal_id }: Omit<Series, 'form'>,
  taken: ReadonlySet<string>,
  want: number,
): Record<string, number> {
  const lacking = forms
    .map((form) => [form, want - numbersLeft(blocks, { office_id, form, year, terminal_id }, taken).length] as const)
    .filter(([, count]) => count > 0);
  return Object.fromEntries(lacking);
}
