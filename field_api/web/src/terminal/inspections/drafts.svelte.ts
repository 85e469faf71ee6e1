/**
 * What is being written: on disk with every key that is pressed, handed to the outbox once the
 * hand rests. Being killed in between loses nothing: what is on disk goes out after the restart.
 */
import type { User } from '$shared/api/records';
import { newId } from '$shared/ids';
import type { Draft, TerminalDatabase } from '../outbox/database';
import type { Work } from '../outbox/database';
import type { Json, Values } from './wire';

const REST_MS = 2500;

const same = (a: Json | undefined, b: Json | undefined): boolean =>
  JSON.stringify(a ?? null) === JSON.stringify(b ?? null);

export class Drafts {
  all = $state.raw<Draft[]>([]);
  #author: Pick<User, 'id' | 'name'> = { id: '', name: '' };
  /** One write after the other: the disk always ends with the newest. */
  #writing: Promise<void> = Promise.resolve();
  readonly #resting = new Map<string, ReturnType<typeof setTimeout>>();

  constructor(
    private readonly database: TerminalDatabase,
    private readonly handOver: (work: Work, draftId: string) => Promise<void>,
    private readonly restMs = REST_MS,
  ) {}

  /** Begin with what is on disk of a person; edits that were not handed over are now. */
  async open(author: Pick<User, 'id' | 'name'>): Promise<void> {
    await this.#writing;
    this.#author = author;
    this.all = await this.database.drafts.where('author').equals(author.id).toArray();
    for (const { id, op } of this.all) if (op !== 'hazard.find') this.#rest(id);
  }

  get(id: string): Draft | undefined {
    return this.all.find((each) => each.id === id);
  }

  /** Change fields of a record. `was` is what its author saw of them. */
  write(id: string, op: Draft['op'], dossier: string, was: Values, now: Values): Promise<void> {
    const known = this.get(id);
    const draft: Draft = {
      id,
      op,
      dossier,
      author: this.#author.id,
      authorName: this.#author.name,
      was: { ...was, ...known?.was },
      now: { ...known?.now, ...(JSON.parse(JSON.stringify(now)) as Values) },
      changedMs: Date.now(),
    };
    this.#show(id, draft);
    if (op !== 'hazard.find') this.#rest(id);
    return this.#queue(async () => {
      const newest = this.get(id);
      if (newest) await this.database.drafts.put(newest);
    });
  }

  /** Hand over what was changed of a record, or of all. */
  async settle(only?: string): Promise<void> {
    const ids = this.all.filter((each) => (only ? each.id === only : each.op !== 'hazard.find'));
    await Promise.all(ids.map(({ id }) => this.#queue(() => this.#settle(id))));
  }

  /** Let a hazard that was begun go. */
  drop(id: string): Promise<void> {
    this.#show(id, null);
    return this.#queue(() => this.database.drafts.delete(id));
  }

  async #settle(id: string): Promise<void> {
    clearTimeout(this.#resting.get(id));
    const given = this.get(id);
    if (!given) return;
    const work = workOf(given);
    if (work) await this.handOver(work, id);
    else await this.database.drafts.delete(id);
    // What was written meanwhile is a change of what has just been handed over.
    const newer = this.get(id);
    if (!newer || newer === given) return this.#show(id, null);
    const now = Object.fromEntries(Object.entries(newer.now).filter(([name, value]) => !same(value, given.now[name])));
    if (!Object.keys(now).length) return this.#show(id, null);
    const rest: Draft = { ...newer, op: newer.op === 'hazard.find' ? 'hazard.edit' : newer.op, was: { ...newer.was, ...given.now }, now };
    this.#show(id, rest);
    await this.database.drafts.put(rest);
  }

  #show(id: string, draft: Draft | null): void {
    this.all = [...this.all.filter((each) => each.id !== id), ...(draft ? [draft] : [])];
  }

  #rest(id: string): void {
    clearTimeout(this.#resting.get(id));
    this.#resting.set(id, setTimeout(() => void this.settle(id), this.restMs));
  }

  #queue(act: () => Promise<void>): Promise<void> {
    const done = this.#writing.then(act);
    // One failed write must not stop the later ones; whoever asked for it is told.
    this.#writing = done.catch(() => undefined);
    return done;
  }
}

/** The operation a draft becomes, null where nothing is left of the change. */
function workOf({ id, op, dossier, was, now }: Draft): Work | null {
  const t_ms = Date.now();
  if (op === 'hazard.find') {
    return { op, target: '', dossier, body: { ...now, id, t_ms } as never };
  }
  const changed = Object.keys(now).filter((name) => !same(was[name], now[name]));
  if (!changed.length) return null;
  const of = (values: Values): Values => Object.fromEntries(changed.map((name) => [name, values[name] ?? null]));
  return { op, target: id, dossier, body: { id: newId(), t_ms, was: of(was), now: of(now) } };
}
