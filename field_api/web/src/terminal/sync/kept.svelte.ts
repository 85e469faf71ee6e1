/** Records of one type: those on disk, those on screen, and what has still to be written. */
import type { Table } from 'dexie';
import { Collection, type Operation, type Versioned } from '$shared/records/collection';
import type { Changed } from './wire';

export class Kept<T extends Versioned = Versioned> {
  /** As they are shown; a new list with each change. */
  all = $state.raw<T[]>([]);
  readonly #records = new Collection<T>();
  /** Ids whose record on disk is not the one known. */
  readonly #changed = new Set<string>();
  /** Whether the disk holds records of before a resync. */
  #stale = false;
  #shown = true;

  constructor(readonly table: Table<T, string>) {}

  get(id: string | null | undefined): T | undefined {
    return id ? this.#records.get(id) : undefined;
  }

  /** Forget all, versions too; the next `write` clears the disk. */
  reset(): void {
    this.#records.reset();
    this.#changed.clear();
    this.#stale = true;
    this.#shown = false;
  }

  async read(): Promise<void> {
    this.#records.putAll(await this.table.toArray());
    this.#stale = false;
    this.#shown = false;
    this.show();
  }

  apply({ id, version, op, data }: Changed): void {
    const took = this.#records.apply({ id, version, op: op as Operation, data: (data ?? null) as T | null });
    if (!took) return;
    this.#changed.add(id);
    this.#shown = false;
  }

  /** Bring the disk to what is known. Fit to be repeated, should its transaction fail. */
  async write(): Promise<void> {
    if (this.#stale) {
      await this.table.clear();
      await this.table.bulkPut(this.#records.all);
    } else if (this.#changed.size) {
      const ids = [...this.#changed];
      await this.table.bulkPut(ids.map((id) => this.#records.get(id)).filter((each) => each !== undefined));
      await this.table.bulkDelete(ids.filter((id) => !this.#records.has(id)));
    }
  }

  /** What was written is on screen from now on. */
  show(): void {
    this.#stale = false;
    this.#changed.clear();
    if (this.#shown) return;
    this.#shown = true;
    this.all = this.#records.all;
  }
}
