import 'fake-indexeddb/auto';
import Dexie from 'dexie';
import { beforeEach, describe, expect, test } from 'vitest';
import { TerminalDatabase } from '../outbox/database';
import { Puller } from './pull';
import type { Changed, Pulled } from './wire';

const task = (id: string, version: number): Changed => ({
  type: 'task',
  seq: version,
  id,
  version,
  op: 'put',
  area: '',
  data: { id, version },
});

describe('pulling', () => {
  let database: TerminalDatabase;
  let pages: Pulled[];
  let asked: (string | null)[];
  let puller: Puller;

  beforeEach(async () => {
    database = new TerminalDatabase(`pull-${crypto.randomUUID()}`);
    pages = [];
    asked = [];
    puller = new Puller(database, async (cursor) => {
      asked.push(cursor);
      return pages.shift()!;
    });
    await puller.open('li');
  });

  const page = (cursor: string, changes: Changed[], more = false): Pulled => ({
    server_time_ms: 1,
    cursor,
    more,
    resync: false,
    changes,
  });

  test('goes on page by page from where it was, also after a restart', async () => {
    pages = [page('1', [task('a', 1)], true), page('2', [task('b', 1)])];
    expect(await puller.pull('li')).toBe(false);
    expect(asked).toEqual([null, '1']);
    const again = new Puller(database, async (cursor) => {
      asked.push(cursor);
      return page('3', []);
    });
    await again.open('li');
    expect(again.kept.task.all.map((each) => each.id).sort()).toEqual(['a', 'b']);
    await again.pull('li');
    expect(asked.at(-1)).toBe('2');
  });

  test('what left is gone from the disk too', async () => {
    pages = [page('1', [task('a', 1), task('b', 1)])];
    await puller.pull('li');
    pages = [page('2', [{ ...task('a', 2), op: 'left', data: null }])];
    await puller.pull('li');
    expect((await database.tasks.toArray()).map((each) => each.id)).toEqual(['b']);
  });

  test('a resync forgets what was pulled, versions too', async () => {
    pages = [page('9', [task('a', 9), task('b', 9)])];
    await puller.pull('li');
    pages = [{ ...page('', []), resync: true }, page('1', [task('a', 2)])];
    expect(await puller.pull('li')).toBe(true);
    expect(puller.kept.task.all).toEqual([{ id: 'a', version: 2 }]);
    expect(asked).toEqual([null, '9', null]);
  });

  test("another person does not see the former holder's tasks", async () => {
    pages = [page('1', [task('a', 1)])];
    await puller.pull('li');
    await puller.open('wang');
    expect(puller.kept.task.all).toEqual([]);
    expect(await database.tasks.count()).toBe(0);
    pages = [page('1', [])];
    await puller.pull('wang');
    expect(asked.at(-1)).toBe(null);
  });

  test('every kind of record has its table; what changed alone is written', async () => {
    const of = (type: string, id: string, version = 1): Changed => ({ ...task(id, version), type });
    const types = Object.keys(puller.kept) as (keyof typeof puller.kept)[];
    pages = [page('1', types.map((type) => of(type, type)))];
    await puller.pull('li');
    for (const type of types) {
      expect(puller.kept[type].all, type).toHaveLength(1);
      expect(await puller.kept[type].table.count(), type).toBe(1);
    }
    const before = puller.kept['register.enterprises'].all;
    pages = [page('2', [{ ...of('paper', 'paper', 2), op: 'left', data: null }, of('hazard', 'h2'), of('unknown', 'x')])];
    await puller.pull('li');
    expect(await database.papers.count()).toBe(0);
    expect(await database.hazards.count()).toBe(2);
    expect(puller.kept['register.enterprises'].all).toBe(before);
    pages = [{ ...page('', []), resync: true }, page('3', [of('hazard', 'h3')])];
    await puller.pull('li');
    expect((await database.hazards.toArray()).map(({ id }) => id)).toEqual(['h3']);
    expect(await database.enterprises.count()).toBe(0);
  });

  test('a handheld that kept tasks alone asks for everything anew', async () => {
    const name = `old-${crypto.randomUUID()}`;
    const old = new Dexie(name);
    old.version(2).stores({ outbox: 'id, order, state', photos: 'sha256', tasks: 'id', session: 'key', device: 'key', cursor: 'key' });
    await old.table('tasks').put({ id: 'a', version: 1 });
    await old.table('cursor').put({ key: 'pull', userId: 'li', cursor: '7' });
    old.close();
    const next = new Puller(new TerminalDatabase(name), async (cursor) => {
      asked.push(cursor);
      return page('8', []);
    });
    await next.open('li');
    expect(next.kept.task.all).toHaveLength(1);
    await next.pull('li');
    expect(asked.at(-1)).toBe(null);
  });
});
