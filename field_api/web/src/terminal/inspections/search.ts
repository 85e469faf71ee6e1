/** Finding one of thousands of enterprises by what an officer remembers of it. */
import { initials } from './rules/pinyin';
import type { Enterprise } from './wire';

interface Entry {
  enterprise: Enterprise;
  name: string;
  initials: string;
  rest: string;
}

const plain = (text: string): string => text.toLowerCase().replace(/\s+/g, '');

export class EnterpriseIndex {
  readonly #entries: Entry[];

  constructor(enterprises: readonly Enterprise[]) {
    this.#entries = enterprises.map((enterprise) => ({
      enterprise,
      name: plain(enterprise.name),
      initials: initials(enterprise.name),
      rest: plain([enterprise.address, enterprise.credit_code, enterprise.representative, enterprise.contact, enterprise.phone].filter(Boolean).join(' ')),
    }));
  }

  /** The best first: a name that begins so, a name, its initials, street or code. */
  find(typed: string, most = 50): Enterprise[] {
    const wanted = plain(typed);
    if (!wanted) return this.#entries.slice(0, most).map(({ enterprise }) => enterprise);
    const found: { enterprise: Enterprise; rank: number }[] = [];
    for (const { enterprise, name, initials: letters, rest } of this.#entries) {
      const rank = name.startsWith(wanted)
        ? 0
        : letters.startsWith(wanted)
          ? 1
          : name.includes(wanted)
            ? 2
            : letters.includes(wanted)
              ? 3
              : rest.includes(wanted)
                ? 4
                : -1;
      if (rank >= 0) found.push({ enterprise, rank });
    }
    return found
      .sort((a, b) => a.rank - b.rank)
      .slice(0, most)
      .map(({ enterprise }) => enterprise);
  }
}
