/**
 * Where live messages go: one table of topics, filled by the features. A feature that is loaded
 * late registers late; what its topic said before, it pages in itself.
 */
import type { LiveMessage, LiveRecord, LiveValue, RecordOf, Snapshot, Topic, ValueOf } from '../api/live';
import type { Collection } from '../records/collection';

interface Kept {
  collection: Collection<unknown>;
  /** Whether a snapshot names all its records; if not, the feature pages them in itself. */
  whole: boolean;
  /** What else to do with a change that was news. */
  then?: (record: LiveRecord) => void;
}

export class Feed {
  /** The last event taken; the socket resumes after it. */
  seq: number | null = null;

  readonly #topics = new Map<string, Kept>();
  readonly #values = new Map<string, (data: never) => void>();
  readonly #listeners = new Map<string, Set<(record: LiveRecord) => void>>();
  readonly #begun = new Set<() => void>();
  readonly #forgotten = new Set<() => void>();

  /** Keep `collection` up by the records of `topic`. */
  records<K extends Topic, T extends RecordOf<K>>(
    topic: K,
    collection: Collection<T>,
    options: { whole?: boolean; then?: (record: LiveRecord) => void } = {},
  ): Collection<T> {
    const { whole = true, then } = options;
    this.#topics.set(topic, { collection: collection as Collection<unknown>, whole, then });
    return collection;
  }

  value<K extends LiveValue['type']>(type: K, take: (data: ValueOf<K>) => void): void {
    this.#values.set(type, take);
  }

  /** Call `tell` at each change of `topic`, for what is made from its records but is not one. */
  onChange(topic: Topic, tell: (record: LiveRecord) => void): () => void {
    let listeners = this.#listeners.get(topic);
    if (!listeners) this.#listeners.set(topic, (listeners = new Set()));
    listeners.add(tell);
    return () => listeners.delete(tell);
  }

  /** Call `reload` after each snapshot: what is paged may have changed unseen. */
  onSnapshot(reload: () => void): () => void {
    this.#begun.add(reload);
    return () => this.#begun.delete(reload);
  }

  /** Call `forget` when nothing that is known holds any more. */
  onReset(forget: () => void): void {
    this.#forgotten.add(forget);
  }

  /** Another person, or another past: forget everything. */
  reset(): void {
    this.seq = null;
    for (const { collection } of this.#topics.values()) collection.reset();
    for (const forget of this.#forgotten) forget();
  }

  receive(message: LiveMessage): void {
    if (message.type === 'snapshot') this.#begin(message);
    else if (message.type === 'resumed') this.#take(message.data.values);
    else if ('op' in message) this.#change(message);
    else this.#take([message]);
  }

  #begin({ seq, data }: Snapshot): void {
    // A tail that is shorter than before is another one: the server was restored from a backup, and
    // its versions began anew as well.
    if (this.seq !== null && seq < this.seq) this.reset();
    const named = new Map<string, unknown[]>();
    for (const record of data.records) {
      if (record.op !== 'put') continue;
      const list = named.get(record.type) ?? [];
      list.push(record.data);
      named.set(record.type, list);
    }
    for (const [name, topic] of this.#topics) {
      const records = named.get(name) ?? [];
      if (topic.whole) topic.collection.refill(records);
      else topic.collection.putAll(records);
    }
    this.#take(data.values);
    this.seq = seq;
    for (const reload of this.#begun) reload();
  }

  #change(record: LiveRecord): void {
    if (this.seq === null || record.seq > this.seq) this.seq = record.seq;
    const topic = this.#topics.get(record.type);
    if (topic?.collection.apply(record)) topic.then?.(record);
    for (const tell of this.#listeners.get(record.type) ?? []) tell(record);
  }

  #take(values: LiveValue[]): void {
    for (const value of values) this.#values.get(value.type)?.(value.data as never);
  }
}

export const feed = new Feed();
