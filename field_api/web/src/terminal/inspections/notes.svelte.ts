/** What a person has begun on this handheld alone: signatures, answers, where they were. */
import { SvelteMap } from 'svelte/reactivity';
import type { TerminalDatabase } from '../outbox/database';

export class Notes {
  readonly #values = new SvelteMap<string, unknown>();
  #author = '';

  constructor(private readonly database: TerminalDatabase) {}

  async open(author: string): Promise<void> {
    this.#author = author;
    this.#values.clear();
    for (const { key, value } of await this.database.notes.where('author').equals(author).toArray()) {
      this.#values.set(this.#own(key), value);
    }
  }

  get<T>(key: string): T | undefined {
    return this.#values.get(key) as T | undefined;
  }

  /** All whose key begins so. */
  of<T>(prefix: string): T[] {
    return [...this.#values].filter(([key]) => key.startsWith(prefix)).map(([, value]) => value as T);
  }

  /** On screen at once, on disk right after. */
  async put(key: string, value: unknown): Promise<void> {
    const plain = JSON.parse(JSON.stringify(value)) as unknown;
    this.#values.set(key, plain);
    await this.database.notes.put({ key: `${this.#author}/${key}`, author: this.#author, value: plain });
  }

  async drop(key: string): Promise<void> {
    this.#values.delete(key);
    await this.database.notes.delete(`${this.#author}/${key}`);
  }

  #own(key: string): string {
    return key.slice(this.#author.length + 1);
  }
}
