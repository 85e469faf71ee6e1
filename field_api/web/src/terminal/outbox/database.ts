/** What the handheld keeps through being killed, restarted and cut off from the network. */
import Dexie, { type Table } from 'dexie';
import type { Task, TaskReportBody, Transition, User } from '$shared/api/records';

export interface Photo {
  sha256: string;
  picture: Blob;
  takenMs: number;
  uploaded: 0 | 1;
}

export type Work =
  | { kind: 'transition'; taskId: string; body: Transition }
  | { kind: 'report'; taskId: string; body: TaskReportBody };

/** `waiting` goes out by itself; `refused` waits for a person; `sent` is kept as a receipt. */
export type ItemState = 'waiting' | 'refused' | 'sent';

export interface OutboxItem {
  /** The record's own id: sending it twice is harmless. */
  id: string;
  /** Counts up: items go out in the order they were made. */
  order: number;
  work: Work;
  state: ItemState;
  tries: number;
  /** Why the last try failed, as the server said it. */
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

export class TerminalDatabase extends Dexie {
  outbox!: Table<OutboxItem, string>;
  photos!: Table<Photo, string>;
  tasks!: Table<Task, string>;
  session!: Table<StoredSession, string>;

  constructor(name = 'xunshan-terminal') {
    super(name);
    this.version(1).stores({
      outbox: 'id, order, state',
      photos: 'sha256',
      tasks: 'id',
      session: 'key',
    });
  }
}
