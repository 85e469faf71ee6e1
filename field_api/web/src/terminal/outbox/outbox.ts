/**
 * Records made on the handheld, sent when the network allows. Each carries its own id, so that a
 * repeated send changes nothing; pictures go before the report that names them. A later step of a
 * task never overtakes an earlier one.
 */
import { ApiProblem } from '$shared/api/client';
import type { Task } from '$shared/api/records';
import type { OutboxItem, Photo, TerminalDatabase, Work } from './database';

export interface Post {
  putMedia(sha256: string, picture: Blob): Promise<unknown>;
  transitionTask(taskId: string, body: Extract<Work, { kind: 'transition' }>['body']): Promise<Task>;
  reportTask(taskId: string, body: Extract<Work, { kind: 'report' }>['body']): Promise<Task>;
}

/** Receipts older than this are dropped. */
const KEEP_SENT_MS = 48 * 3_600_000;

/** What became of one round of sending. */
export type Round = 'empty' | 'sent' | 'unreachable' | 'signed-out';

export class Outbox {
  #running: Promise<Round> | null = null;
  #again = false;

  constructor(
    private readonly database: TerminalDatabase,
    private readonly post: Post,
    private readonly clock: () => number = Date.now,
  ) {}

  async add(work: Work, photos: Photo[] = []): Promise<void> {
    const { outbox, photos: store } = this.database;
    await this.database.transaction('rw', outbox, store, async () => {
      await store.bulkPut(photos);
      const last = await outbox.orderBy('order').last();
      await outbox.add({
        id: work.body.id,
        order: (last?.order ?? 0) + 1,
        work,
        state: 'waiting',
        tries: 0,
        reasonZh: '',
        reasonEn: '',
        madeMs: this.clock(),
        sentMs: null,
      });
    });
  }

  items(): Promise<OutboxItem[]> {
    return this.database.outbox.orderBy('order').reverse().toArray();
  }

  async retry(id: string): Promise<void> {
    await this.database.outbox.update(id, { state: 'waiting', reasonZh: '', reasonEn: '' });
  }

  async discard(id: string): Promise<void> {
    await this.database.outbox.delete(id);
  }

  /** Send what waits. Calls while a round is under way join it and are followed by another. */
  flush(): Promise<Round> {
    if (this.#running) {
      this.#again = true;
      return this.#running;
    }
    this.#running = this.#rounds().finally(() => (this.#running = null));
    return this.#running;
  }

  async #rounds(): Promise<Round> {
    let result: Round;
    do {
      this.#again = false;
      result = await this.#round();
    } while (this.#again && (result === 'sent' || result === 'empty'));
    return result;
  }

  async #round(): Promise<Round> {
    const waiting = await this.database.outbox.where('state').equals('waiting').sortBy('order');
    // A refused step holds back its task's later ones: they would be refused as well.
    const held = new Set(
      (await this.database.outbox.where('state').equals('refused').toArray())
        .filter((item) => item.work.kind === 'transition')
        .map((item) => item.work.taskId),
    );
    let sent = false;
    for (const item of waiting) {
      if (item.work.kind === 'transition' && held.has(item.work.taskId)) continue;
      try {
        await this.#send(item.work);
      } catch (problem) {
        if (!(problem instanceof ApiProblem)) throw problem;
        const stays = problem.worthRetrying || problem.status === 401;
        await this.database.outbox.update(item.id, {
          state: stays ? 'waiting' : 'refused',
          tries: item.tries + 1,
          reasonZh: problem.textZh,
          reasonEn: problem.textEn,
        });
        if (problem.status === 401) return 'signed-out';
        if (stays) return 'unreachable';
        if (item.work.kind === 'transition') held.add(item.work.taskId);
        continue;
      }
      sent = true;
      await this.database.outbox.update(item.id, {
        state: 'sent',
        sentMs: this.clock(),
        reasonZh: '',
        reasonEn: '',
      });
    }
    await this.#dropOldReceipts();
    return sent ? 'sent' : 'empty';
  }

  async #send(work: Work): Promise<void> {
    let task: Task;
    if (work.kind === 'report') {
      for (const sha256 of work.body.media ?? []) {
        const photo = await this.database.photos.get(sha256);
        if (!photo || photo.uploaded) continue;
        await this.post.putMedia(sha256, photo.picture);
        await this.database.photos.update(sha256, { uploaded: 1 });
      }
      task = await this.post.reportTask(work.taskId, work.body);
    } else {
      task = await this.post.transitionTask(work.taskId, work.body);
    }
    await this.database.tasks.put(task);
  }

  async #dropOldReceipts(): Promise<void> {
    const before = this.clock() - KEEP_SENT_MS;
    await this.database.outbox
      .where('state')
      .equals('sent')
      .filter((item) => (item.sentMs ?? 0) < before)
      .delete();
  }
}
