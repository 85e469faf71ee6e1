/** Records that changed at the command post, fetched from where the last pull ended. */
import { Collection, type Operation } from '$shared/records/collection';
import type { Task } from '$shared/api/records';
import type { TerminalDatabase } from '../outbox/database';
import type { Changed, Pulled } from './wire';

const PAGE = 500;

export class Puller {
  readonly tasks = new Collection<Task>();

  constructor(
    private readonly database: TerminalDatabase,
    private readonly fetchPage: (cursor: string | null, limit: number) => Promise<Pulled>,
  ) {}

  /** Begin with what is on disk; another person's records are let go. */
  async open(userId: string): Promise<void> {
    const { cursor, tasks } = this.database;
    const stored = await cursor.get('pull');
    this.tasks.reset();
    if (stored?.userId === userId) {
      this.tasks.putAll(await tasks.toArray());
      return;
    }
    await this.database.transaction('rw', cursor, tasks, async () => {
      await tasks.clear();
      await cursor.put({ key: 'pull', userId, cursor: null });
    });
  }

  /** Fetch what is new. True if the command post had to begin anew. */
  async pull(userId: string): Promise<boolean> {
    let cursor = (await this.database.cursor.get('pull'))?.cursor ?? null;
    let anew = false;
    for (;;) {
      const page = await this.fetchPage(cursor, PAGE);
      if (page.resync) {
        // Its versions may begin anew as well (a restored backup): nothing known holds.
        if (anew) throw new Error('the command post asks for a resync of a pull without a cursor');
        anew = true;
        cursor = null;
        this.tasks.reset();
        continue;
      }
      for (const change of page.changes) {
        this.#apply(change);
      }
      cursor = page.cursor;
      await this.#keep(userId, cursor);
      if (!page.more) return anew;
    }
  }

  /** Take a record from an answer to a push. */
  async took(record: Changed): Promise<void> {
    this.#apply(record);
    const task = this.tasks.get(record.id);
    if (task) await this.database.tasks.put(task);
    else await this.database.tasks.delete(record.id);
  }

  #apply({ type, id, version, op, data }: Changed): void {
    if (type !== 'task') return;
    this.tasks.apply({ id, version, op: op as Operation, data: (data ?? null) as Task | null });
  }

  /** Records and cursor in one transaction: a page is on disk whole, or will be fetched again. */
  async #keep(userId: string, reached: string): Promise<void> {
    const { cursor, tasks } = this.database;
    await this.database.transaction('rw', cursor, tasks, async () => {
      await tasks.clear();
      await tasks.bulkPut(this.tasks.all);
      await cursor.put({ key: 'pull', userId, cursor: reached });
    });
  }
}
