/** What the handheld keeps through being killed, restarted and cut off from the network. */
import Dexie, { type Table, type Transaction } from 'dexie';
import type { Task, TaskReportBody, Transition, User } from '$shared/api/records';

export interface Photo {
  sha256: string;
  picture: Blob;
  takenMs: number;
  /** Whether the command post has it, as far as is known here. */
  uploaded: 0 | 1;
  lat_deg?: number | null;
  lon_deg?: number | null;
}

/** One thing done here: an operation of the command post, its target and its body. */
export type Work =
  | { op: 'task.move'; target: string; body: Transition }
  | { op: 'task.report'; target: string; body: TaskReportBody };

/**
 * `waiting` goes out by itself; `pictures` has arrived but for its pictures; `refused` waits for a
 * person; `sent` is kept as a receipt.
 */
export type ItemState = 'waiting' | 'pictures' | 'refused' | 'sent';

export interface OutboxItem {
  /** The record's own id: sending it twice is harmless. */
  id: string;
  /** Counts up: items go out in the order they were made. */
  order: number;
  /** Who did it. Only they may send it: it goes on record under their name. */
  author: string;
  authorName: string;
  work: Work;
  state: ItemState;
  tries: number;
  /** Why it is not there yet, as the server said it. */
  reasonZh: string;
  reasonEn: string;
  madeMs: number;
  sentMs: number | null;
}

export interface StoredSession {
  key: 'me';
  user: User;
  token: string | null;
}

/** This installation, whoever holds it. */
export interface StoredDevice {
  key: 'me';
  id: string;
  /** Given at enrolment. */
  token: string | null;
}

/** How far the records of a person were pulled. */
export interface StoredCursor {
  key: 'pull';
  userId: string;
  cursor: string | null;
}

export class TerminalDatabase extends Dexie {
  outbox!: Table<OutboxItem, string>;
  photos!: Table<Photo, string>;
  tasks!: Table<Task, string>;
  session!: Table<StoredSession, string>;
  device!: Table<StoredDevice, string>;
  cursor!: Table<StoredCursor, string>;

  constructor(name = 'xunshan-terminal') {
    super(name);
    this.version(1).stores({
      outbox: 'id, order, state',
      photos: 'sha256',
      tasks: 'id',
      session: 'key',
    });
    this.version(2).stores({ device: 'key', cursor: 'key' }).upgrade(nameAuthors);
  }
}

interface OldItem {
  work: { kind?: 'transition' | 'report'; taskId?: string; body: unknown };
  author?: string;
  authorName?: string;
}

/** Before version 2 items named no author: they are of whoever is signed in, nobody else was. */
async function nameAuthors(transaction: Transaction): Promise<void> {
  const me = (await transaction.table('session').get('me')) as StoredSession | undefined;
  await transaction
    .table('outbox')
    .toCollection()
    .modify((item: OldItem) => {
      const { kind, taskId, body } = item.work;
      const op = kind === 'report' ? 'task.report' : 'task.move';
      item.work = { op, target: taskId, body } as unknown as OldItem['work'];
      item.author = me?.user.id ?? '';
      item.authorName = me?.user.name ?? '';
    });
}
