/** The pictures of alerts that people were sent to: small, and needed most where there is no network. */
import type { Task } from '$shared/api/records';
import type { TerminalDatabase } from '../outbox/database';

/** A cut-out has some ten kilobytes; what is larger is shown while there is a network. */
export const MOST_BYTES = 400_000;

export class TaskPictures {
  #keeping: Promise<void> | null = null;

  constructor(
    private readonly database: TerminalDatabase,
    /** The bytes of a hash; null where the command post gives none now. */
    private readonly fetchPicture: (sha256: string) => Promise<Blob | null>,
  ) {}

  async get(sha256: string): Promise<Blob | null> {
    return (await this.database.taskPictures.get(sha256))?.picture ?? null;
  }

  /** Fetch what these tasks show and is not here yet, and let go of what none shows any more. */
  keep(tasks: readonly Pick<Task, 'picture'>[]): Promise<void> {
    this.#keeping ??= this.#keep(tasks).finally(() => (this.#keeping = null));
    return this.#keeping;
  }

  async #keep(tasks: readonly Pick<Task, 'picture'>[]): Promise<void> {
    const { taskPictures } = this.database;
    const named = new Set(tasks.map(({ picture }) => picture).filter((each): each is string => Boolean(each)));
    const here = new Set(await taskPictures.toCollection().primaryKeys());
    await taskPictures.bulkDelete([...here].filter((sha256) => !named.has(sha256)));
    for (const sha256 of named) {
      if (here.has(sha256)) continue;
      const picture = await this.fetchPicture(sha256);
      if (picture && picture.size <= MOST_BYTES) await taskPictures.put({ sha256, picture });
    }
  }
}
