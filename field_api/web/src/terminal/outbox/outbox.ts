/**
 * Records made on the handheld, pushed when the network allows. Each carries its own id, so that a
 * repeated push changes nothing, and its author, in whose session alone it goes out. A report goes
 * before its pictures; it is delivered when the command post has those as well.
 */
import { ApiProblem } from '$shared/api/client';
import type { Changed, PushAnswer, PushAnswers, PushItem } from '../sync/wire';
import type { OutboxItem, Photo, TerminalDatabase, Work } from './database';
import { mayGo } from '../tasks/guard';
import { dossierOf } from './dossier';

export interface Author {
  id: string;
  name: string;
}

export interface Post {
  push(author: string, items: PushItem[]): Promise<PushAnswers>;
  upload(photo: Photo, item: OutboxItem): Promise<void>;
  /** A record as the command post now has it. */
  took(record: Changed): Promise<void>;
}

/** Receipts older than this are dropped. */
const KEEP_SENT_MS = 48 * 3_600_000;
const KEEP_UNNAMED_MS = 3_600_000;
/** Of a recording's pieces, which fill the phone; longer than a command post's backup is old. */
const KEEP_PIECES_MS = 3_600_000;
const MOST_PER_PUSH = 200;

/** What became of one round of sending. */
export type Round = 'empty' | 'sent' | 'unreachable' | 'signed-out';

/** A call for help and its end: nothing waits before them. */
const isUrgent = ({ work }: OutboxItem): boolean => work.op === 'sos.raise' || work.op === 'sos.cancel';

/** What was sent is at fault, not the network, the session or the device. */
const isOfItems = (problem: ApiProblem): boolean =>
  !problem.worthRetrying && ![401, 403, 404, 410, 423].includes(problem.status);

/** The pictures and recordings that an operation's body names. */
export const mediaOf = ({ body }: Work): string[] => mediaIn(('now' in body ? body.now : body) as Naming);

interface Naming {
  media?: unknown;
  voice?: unknown;
  originals?: unknown;
}

/**
 * Those that a record's fields name, in the order in which they go out: on a bad link the picture
 * that is looked at comes before the original that is kept.
 */
export function mediaIn({ media, voice, originals }: Naming): string[] {
  const named = [media, voice, originals].flat() as unknown[];
  return named.filter((each): each is string => typeof each === 'string');
}

const isPiece = ({ work }: OutboxItem): boolean => work.op === 'recording.piece';

export class Outbox {
  #running: Promise<Round> | null = null;
  #again = false;

  constructor(
    private readonly database: TerminalDatabase,
    private readonly post: Post,
    private readonly clock: () => number = Date.now,
  ) {}

  /** Keep what was done; the draft that it was goes in the same transaction. */
  async add(author: Author, work: Work, photos: Photo[] = [], draftId: string | null = null, holdMs = 0): Promise<void> {
    const { outbox, photos: store, drafts } = this.database;
    await this.database.transaction('rw', outbox, store, drafts, async () => {
      await store.bulkPut(photos);
      if (draftId) await drafts.delete(draftId);
      const last = await outbox.orderBy('order').last();
      await outbox.add({
        id: work.body.id,
        order: (last?.order ?? 0) + 1,
        author: author.id,
        authorName: author.name,
        work,
        state: 'waiting',
        tries: 0,
        reasonZh: '',
        reasonEn: '',
        madeMs: this.clock(),
        ...(holdMs ? { heldUntilMs: this.clock() + holdMs } : {}),
        sentMs: null,
      });
    });
  }

  items(): Promise<OutboxItem[]> {
    return this.database.outbox.orderBy('order').reverse().toArray();
  }

  /** Take back what is still held; false once it may be on its way. */
  takeBack(id: string): Promise<boolean> {
    const { outbox } = this.database;
    return this.database.transaction('rw', outbox, async () => {
      const item = await outbox.get(id);
      if (item?.state !== 'waiting' || mayGo(item.heldUntilMs, this.clock())) return false;
      await outbox.delete(id);
      return true;
    });
  }

  async retry(id: string): Promise<void> {
    await this.database.outbox.update(id, { state: 'waiting', reasonZh: '', reasonEn: '' });
  }

  /** Somebody says that an item without an author is theirs; nobody else's can be taken. */
  async adopt(id: string, { id: author, name: authorName }: Author): Promise<void> {
    await this.database.outbox
      .where('id')
      .equals(id)
      .filter((item) => !item.author)
      .modify({ author, authorName });
  }

  async discard(id: string): Promise<void> {
    await this.database.outbox.delete(id);
    await this.#dropPhotos();
  }

  /**
   * The command post began anew (a backup was restored): offer it again what it had confirmed.
   * What it still has it answers as repeated.
   */
  async offerAgain(author: string): Promise<void> {
    await this.database.outbox
      .where('state')
      .anyOf('sent', 'pictures')
      .filter((item) => item.author === author)
      .modify({ state: 'waiting' });
  }

  /**
   * Send calls for help now, beside whatever is under way: a picture may take minutes on a bad link.
   * Should both send one, its id makes it one.
   */
  async sendFirst(author: string): Promise<void> {
    try {
      const urgent = (await this.#batch(author)).filter(isUrgent);
      if (urgent.length) await this.#push(author, urgent);
    } catch (problem) {
      if (!(problem instanceof ApiProblem)) throw problem;
      await this.#note(author, problem);
    }
  }

  /** Send what waits and is of `author`. Calls while a round is under way join it; another follows. */
  flush(author: string): Promise<Round> {
    if (this.#running) {
      this.#again = true;
      return this.#running;
    }
    this.#running = this.#rounds(author).finally(() => (this.#running = null));
    return this.#running;
  }

  async #rounds(author: string): Promise<Round> {
    let result: Round;
    do {
      this.#again = false;
      result = await this.#round(author);
    } while (this.#again && (result === 'sent' || result === 'empty'));
    return result;
  }

  async #round(author: string): Promise<Round> {
    let sent = false;
    try {
      for (;;) {
        const batch = await this.#batch(author);
        if (!batch.length) break;
        if (!(await this.#push(author, batch))) break;
        sent = true;
      }
      sent = (await this.#uploadAll(author)) || sent;
    } catch (problem) {
      if (!(problem instanceof ApiProblem)) throw problem;
      await this.#note(author, problem);
      if (problem.status === 401) return 'signed-out';
      return 'unreachable';
    }
    await this.#dropOldReceipts();
    return sent ? 'sent' : 'empty';
  }

  /** What may go now, in order, calls for help before all else. A refused item holds back the later ones of its dossier. */
  async #batch(author: string): Promise<OutboxItem[]> {
    const { outbox } = this.database;
    const refused = new Map<string, number>();
    for (const item of await outbox.where('state').equals('refused').sortBy('order')) {
      const dossier = item.author === author ? dossierOf(item.work) : null;
      if (dossier !== null && !refused.has(dossier)) refused.set(dossier, item.order);
    }
    const waiting = await outbox.where('state').equals('waiting').sortBy('order');
    const due = waiting
      .filter((item) => item.author === author)
      // Whoever went on with the same thing won't take the step back: it must not be overtaken.
      .filter((item, at, mine) => mayGo(item.heldUntilMs, this.clock()) || mine.slice(at + 1).some((later) => later.work.target === item.work.target))
      .filter((item) => {
        const dossier = dossierOf(item.work);
        return dossier === null || item.order < (refused.get(dossier) ?? Infinity);
      });
    const urgent = due.filter(isUrgent);
    return (urgent.length ? urgent : due).slice(0, MOST_PER_PUSH);
  }

  /** Whether at least one item left the queue: if none did, another push would say the same. */
  async #push(author: string, batch: OutboxItem[]): Promise<boolean> {
    const last = new Map<string, string>();
    const items = batch.map((item): PushItem => {
      const { op, target } = item.work;
      const body = item.work.body as unknown as PushItem['body'];
      const dossier = dossierOf(item.work);
      const after = dossier === null ? null : (last.get(dossier) ?? null);
      if (dossier !== null) last.set(dossier, item.id);
      return { id: item.id, op, target, after, made_ms: item.madeMs, body };
    });
    let answers: PushAnswer[];
    try {
      ({ answers } = await this.post.push(author, items));
    } catch (problem) {
      if (!(problem instanceof ApiProblem) || !isOfItems(problem)) throw problem;
      return this.#singleOut(author, batch, problem);
    }
    let moved = false;
    for (const answer of answers) {
      const item = batch.find((each) => each.id === answer.id);
      if (item) moved = (await this.#answered(item, answer)) || moved;
    }
    return moved;
  }

  /** The push as a whole was refused: one item that nobody can read must not hold up the others. */
  async #singleOut(author: string, batch: OutboxItem[], problem: ApiProblem): Promise<boolean> {
    if (batch.length > 1) {
      let moved = false;
      for (const item of batch) moved = (await this.#push(author, [item])) || moved;
      return moved;
    }
    const { textZh: reasonZh, textEn: reasonEn } = problem;
    const tries = batch[0]!.tries + 1;
    await this.database.outbox.update(batch[0]!.id, { state: 'refused', reasonZh, reasonEn, tries });
    return true;
  }

  async #answered(item: OutboxItem, answer: PushAnswer): Promise<boolean> {
    const { outbox, photos } = this.database;
    const reason = { reasonZh: answer.text_zh ?? '', reasonEn: answer.text_en ?? '', tries: item.tries + 1 };
    if (answer.status === 'held' || answer.code === 'other_author') {
      await outbox.update(item.id, reason);
      return false;
    }
    if (answer.status === 'refused') {
      await outbox.update(item.id, { ...reason, state: 'refused' });
      return true;
    }
    // The record before the receipt: between the two the task must not fall back to its old step,
    // or the button under a finger would mean another one.
    if (answer.record) await this.post.took(answer.record);
    // The answer counts, not what was believed here: a restored server may have lost a picture.
    const missing = new Set(answer.media_missing);
    await this.database.transaction('rw', outbox, photos, async () => {
      for (const sha256 of mediaOf(item.work)) {
        await photos.update(sha256, { uploaded: missing.has(sha256) ? 0 : 1 });
      }
      await outbox.update(item.id, {
        state: missing.size ? 'pictures' : 'sent',
        sentMs: this.clock(),
        reasonZh: '',
        reasonEn: '',
      });
    });
    return true;
  }

  async #uploadAll(author: string): Promise<boolean> {
    const { outbox, photos } = this.database;
    // What is looked at first: a recording's pieces would hold up the photos of a day.
    const due = (await outbox.where('state').equals('pictures').sortBy('order'))
      .filter((item) => item.author === author)
      .sort((a, b) => Number(isPiece(a)) - Number(isPiece(b)));
    const refused = new Set<string>();
    for (const item of due) {
      for (const sha256 of mediaOf(item.work)) {
        const photo = await photos.get(sha256);
        if (!photo || photo.uploaded) continue;
        try {
          await this.post.upload(photo, item);
        } catch (problem) {
          if (!(problem instanceof ApiProblem) || !isOfItems(problem)) throw problem;
          // This picture is not wanted as it is; the next may be.
          const { textZh: reasonZh, textEn: reasonEn } = problem;
          await outbox.update(item.id, { reasonZh, reasonEn, tries: item.tries + 1 });
          refused.add(item.id);
          continue;
        }
        await photos.update(sha256, { uploaded: 1 });
      }
      if (refused.has(item.id)) continue;
      await outbox.update(item.id, { state: 'sent', reasonZh: '', reasonEn: '' });
    }
    return due.length > refused.size;
  }

  /** Nothing got through: say so at what waits, and keep it. */
  async #note(author: string, problem: ApiProblem): Promise<void> {
    await this.database.outbox
      .where('state')
      .anyOf('waiting', 'pictures')
      .filter((item) => item.author === author)
      .modify((item) => {
        item.tries += 1;
        item.reasonZh = problem.textZh;
        item.reasonEn = problem.textEn;
      });
  }

  async #dropOldReceipts(): Promise<void> {
    const before = this.clock() - KEEP_SENT_MS;
    const beforePieces = this.clock() - KEEP_PIECES_MS;
    const dropped = await this.database.outbox
      .where('state')
      .equals('sent')
      .filter((item) => (item.sentMs ?? 0) < (isPiece(item) ? beforePieces : before))
      .delete();
    if (dropped) await this.#dropPhotos();
  }

  /** Pictures that neither an item nor a draft names any more. */
  async #dropPhotos(): Promise<void> {
    const { outbox, photos, drafts, notes } = this.database;
    await this.database.transaction('rw', outbox, photos, drafts, notes, async () => {
      const named = new Set((await outbox.toArray()).flatMap((item) => mediaOf(item.work)));
      for (const draft of await drafts.toArray()) mediaIn(draft.now).forEach((each) => named.add(each));
      for (const { value } of await notes.toArray()) mediaIn(value ?? {}).forEach((each) => named.add(each));
      // One that was taken just now is about to be named.
      const before = this.clock() - KEEP_UNNAMED_MS;
      await photos.filter(({ sha256, takenMs }) => !named.has(sha256) && takenMs < before).delete();
    });
  }
}
