/**
 * The records of one kind, by id. Whatever tells of a record (the live channel, an HTTP answer, a
 * snapshot, a pull) goes through one guard: a version below the one known is dropped, so that a
 * slow answer never overwrites newer live state and what was removed does not come back.
 */
import { SvelteMap } from 'svelte/reactivity';

export interface Versioned {
  id: string;
  version: number;
}

/** How a record changed: `left` means it is no longer in this person's area, not deleted. */
export type Operation = 'put' | 'remove' | 'left';

export interface Change<T> {
  id: string;
  version: number;
  op: Operation;
  data: T | null;
}

interface Known {
  version: number;
  gone: Operation | null;
}

export class Collection<T> {
  readonly #records = new SvelteMap<string, T>();
  /** Versions of all records ever heard of, those that are gone as well. */
  readonly #known = new Map<string, Known>();

  constructor(
    private readonly idOf: (record: T) => string = (record) => (record as Versioned).id,
    private readonly versionOf: (record: T) => number = (record) =>
      (record as Versioned).version,
    /** Of what only grows, how many of the last ones to keep. */
    private readonly keep = Infinity,
  ) {}

  get size(): number {
    return this.#records.size;
  }

  get all(): T[] {
    return [...this.#records.values()];
  }

  get(id: string): T | undefined {
    return this.#records.get(id);
  }

  has(id: string): boolean {
    return this.#records.has(id);
  }

  /** The highest version heard of, null for a record never heard of. */
  versionKnown(id: string): number | null {
    return this.#known.get(id)?.version ?? null;
  }

  /** Take an HTTP answer. Returns what is known now, which may be newer than what was given. */
  put(record: T): T {
    const id = this.idOf(record);
    this.apply({ id, version: this.versionOf(record), op: 'put', data: record });
    return this.#records.get(id) ?? record;
  }

  putAll(records: Iterable<T>): void {
    for (const record of records) this.put(record);
  }

  /** Take a change; false if it told nothing new. */
  apply({ id, version, op, data }: Change<T>): boolean {
    const known = this.#known.get(id);
    if (known && version < known.version) return false;
    // Of the same version, the end outlasts the record: a removal carries the version it made.
    if (known?.gone && version === known.version) return false;
    if (op === 'put' && data === null) return false;
    this.#known.set(id, { version, gone: op === 'put' ? null : op });
    if (op === 'put') {
      this.#records.set(id, data!);
      if (this.#records.size > this.keep) {
        const oldest = this.#records.keys().next().value!;
        this.#records.delete(oldest);
        this.#known.delete(oldest);
      }
    } else this.#records.delete(id);
    return true;
  }

  /**
   * Take the whole of what there is (a snapshot): what it does not name is let go, yet an older
   * word of it will still be dropped. Only what it says in an older version than known stays newer.
   */
  refill(records: Iterable<T>, within: (record: T) => boolean = () => true): void {
    const named = new Set<string>();
    for (const record of records) {
      const id = this.idOf(record);
      const known = this.#known.get(id);
      // It came back into this person's area without having changed.
      if (known?.gone === 'left' && this.versionOf(record) === known.version) known.gone = null;
      named.add(id);
      this.put(record);
    }
    for (const [id, record] of this.#records) {
      if (!named.has(id) && within(record)) this.#records.delete(id);
    }
  }

  /** Forget all, versions too: another person signed in, or the server was restored. */
  reset(): void {
    this.#records.clear();
    this.#known.clear();
  }
}
