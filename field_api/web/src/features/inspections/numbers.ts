/** The account of each series of document numbers, from the blocks drawn of it. */
import type { NumberBlock } from './api';

export interface Holder {
  terminal_id: string;
  /** As `12–15, 18`. */
  numbers: string;
  drawn_ms: number;
}

export interface Account {
  key: string;
  office_id: string;
  form: string;
  prefix: string;
  suffix: string;
  last: number;
  used: number;
  returned: number;
  /** Drawn, neither used nor given back. */
  out: number;
  holders: Holder[];
}

/** Numbers as ranges: `1–3, 7`. */
export function ranges(numbers: readonly number[]): string {
  const sorted = [...numbers].sort((a, b) => a - b);
  const parts: [number, number][] = [];
  for (const n of sorted) {
    const last = parts.at(-1);
    if (last && last[1] === n - 1) last[1] = n;
    else parts.push([n, n]);
  }
  return parts.map(([from, to]) => (from === to ? String(from) : `${from}–${to}`)).join(', ');
}

const unused = ({ first, last, used }: NumberBlock): number[] => {
  const gone = new Set(used);
  return Array.from({ length: last - first + 1 }, (_, index) => first + index).filter((n) => !gone.has(n));
};

export function accounts(blocks: readonly NumberBlock[]): Account[] {
  const series = new Map<string, Account>();
  for (const block of blocks) {
    const key = `${block.office_id}/${block.form}/${block.year}`;
    const { office_id, form, prefix, suffix } = block;
    const account = series.get(key) ?? {
      key, office_id, form, prefix, suffix, last: 0, used: 0, returned: 0, out: 0, holders: [],
    };
    series.set(key, account);
    const free = unused(block);
    account.last = Math.max(account.last, block.last);
    account.used += block.used.length;
    if (block.returned_ms !== null) account.returned += free.length;
    else if (free.length) {
      account.out += free.length;
      account.holders.push({ terminal_id: block.terminal_id, numbers: ranges(free), drawn_ms: block.drawn_ms });
    }
  }
  return [...series.values()].sort((a, b) => a.key.localeCompare(b.key));
}
