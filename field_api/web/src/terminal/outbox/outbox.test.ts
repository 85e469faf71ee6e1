import 'fake-indexeddb/auto';
import { beforeEach, describe, expect, test } from 'vitest';
import { ApiProblem } from '$shared/api/client';
import type { Task } from '$shared/api/records';
import { newId } from '$shared/ids';
import { TerminalDatabase, type Photo, type Work } from './database';
import { Outbox, type Post } from './outbox';

const unreachable = () => new ApiProblem(0, 'unreachable', '连不上', 'unreachable');
const TASK = newId();

/** A command post that can be cut off, lose answers and refuse; it stores by id, once. */
class Server implements Post {
  media = new Map<string, Blob>();
  records = new Map<string, unknown>();
  calls: string[] = [];
  up = true;
  loseAnswers = 0;
  refuse: ApiProblem | null = null;

  #answer<T>(name: string, store: () => T): Promise<T> {
    if (!this.up) return Promise.reject(unreachable());
    if (this.refuse) return Promise.reject(this.refuse);
    this.calls.push(name);
    const result = store();
    if (this.loseAnswers > 0) {
      this.loseAnswers -= 1;
      return Promise.reject(unreachable());
    }
    return Promise.resolve(result);
  }

  putMedia(sha256: string, picture: Blob) {
    return this.#answer(`media ${sha256.slice(0, 4)}`, () => this.media.set(sha256, picture));
  }

  transitionTask(taskId: string, body: Extract<Work, { kind: 'transition' }>['body']) {
    return this.#answer(body.to, () => this.#keep(taskId, body));
  }

  reportTask(taskId: string, body: Extract<Work, { kind: 'report' }>['body']) {
    const missing = (body.media ?? []).filter((sha256) => !this.media.has(sha256));
    if (this.up && missing.length) {
      return Promise.reject(new ApiProblem(422, 'media_missing', '缺照片', 'picture missing'));
    }
    return this.#answer('report', () => this.#keep(taskId, body));
  }

  #keep(taskId: string, body: { id: string }): Task {
    this.records.set(body.id, body);
    return { id: taskId, state: 'en_route' } as Task;
  }
}

const step = (to: 'acknowledged' | 'en_route' | 'on_scene'): Work => ({
  kind: 'transition',
  taskId: TASK,
  body: { id: newId(), to, t_ms: 1, text: '' },
});

function report(): { work: Work; photos: Photo[] } {
  const sha256 = crypto.randomUUID().replaceAll('-', '').repeat(2);
  return {
    work: {
      kind: 'report',
      taskId: TASK,
      body: { id: newId(), t_ms: 1, text: 'x', lat_deg: 24.9, lon_deg: 102.6, media: [sha256] },
    },
    photos: [{ sha256, picture: new Blob(['jpeg']), takenMs: 1, uploaded: 0 }],
  };
}

describe('the outbox', () => {
  let database: TerminalDatabase;
  let server: Server;
  let outbox: Outbox;

  beforeEach(() => {
    database = new TerminalDatabase(`test-${crypto.randomUUID()}`);
    server = new Server();
    outbox = new Outbox(database, server);
  });

  const states = async () => (await outbox.items()).reverse().map((item) => item.state);

  test('sends pictures before the report that names them', async () => {
    const { work, photos } = report();
    await outbox.add(work, photos);
    expect(await outbox.flush()).toBe('sent');
    expect(server.calls.map((call) => call.split(' ')[0])).toEqual(['media', 'report']);
    expect(await states()).toEqual(['sent']);
    expect((await database.tasks.get(TASK))?.state).toBe('en_route');
  });

  test('keeps everything while cut off, says why, and sends it in order when back', async () => {
    server.up = false;
    await outbox.add(step('acknowledged'));
    await outbox.add(step('en_route'));
    const { work, photos } = report();
    await outbox.add(work, photos);
    expect(await outbox.flush()).toBe('unreachable');
    expect(await states()).toEqual(['waiting', 'waiting', 'waiting']);
    expect((await outbox.items()).at(-1)?.reasonEn).toBe('unreachable');
    server.up = true;
    expect(await outbox.flush()).toBe('sent');
    expect(server.calls.filter((call) => !call.startsWith('media'))).toEqual([
      'acknowledged',
      'en_route',
      'report',
    ]);
  });

  test('survives a restart: a new outbox on the same database goes on', async () => {
    server.up = false;
    const { work, photos } = report();
    await outbox.add(work, photos);
    await outbox.flush();
    server.up = true;
    const reopened = new Outbox(new TerminalDatabase(database.name), server);
    expect(await reopened.flush()).toBe('sent');
    expect(server.records.has(work.body.id)).toBe(true);
  });

  test('a lost answer leads to a second send of the same record, stored once', async () => {
    server.loseAnswers = 1;
    await outbox.add(step('acknowledged'));
    expect(await outbox.flush()).toBe('unreachable');
    expect(await outbox.flush()).toBe('sent');
    expect(server.calls).toEqual(['acknowledged', 'acknowledged']);
    expect(server.records.size).toBe(1);
  });

  test('a refusal is shown with its reason and holds back later steps of that task', async () => {
    server.refuse = new ApiProblem(409, 'task_closed', '任务已结束', 'The task is closed');
    const first = step('on_scene');
    await outbox.add(first);
    await outbox.add(step('en_route'));
    await outbox.flush();
    expect(await states()).toEqual(['refused', 'waiting']);
    expect((await database.outbox.get(first.body.id))?.reasonZh).toBe('任务已结束');
    server.refuse = null;
    await outbox.flush();
    expect(await states()).toEqual(['refused', 'waiting']);
    await outbox.retry(first.body.id);
    await outbox.flush();
    expect(await states()).toEqual(['sent', 'sent']);
  });

  test('an ended session keeps the queue', async () => {
    server.refuse = new ApiProblem(401, 'not_signed_in', '请先登录', 'Sign in first');
    await outbox.add(step('acknowledged'));
    expect(await outbox.flush()).toBe('signed-out');
    expect(await states()).toEqual(['waiting']);
  });

  test('two calls at once send each record once', async () => {
    await outbox.add(step('acknowledged'));
    await Promise.all([outbox.flush(), outbox.flush(), outbox.flush()]);
    expect(server.calls).toEqual(['acknowledged']);
  });
});
