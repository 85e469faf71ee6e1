import { describe, expect, test, vi } from 'vitest';
import type { LiveMessage, LiveRecord, RecordOf } from '../api/live';
import { Collection } from '../records/collection';
import { Feed } from './feed';

type Task = RecordOf<'task'>;

const put = (type: string, id: string, version: number, seq = 0) =>
  ({ type, seq, id, version, op: 'put', area: '', data: { id, version } }) as unknown as LiveRecord;
/** What no present server says: a newer one may. */
const message = (type: string, data: unknown) => ({ type, data }) as unknown as LiveMessage;
const snapshot = (seq: number, records: LiveRecord[]) => ({
  type: 'snapshot' as const,
  seq,
  data: { server_time_ms: 1, values: [], records },
});

describe('the live feed', () => {
  test('a snapshot fills the topics, changes follow, the place in the tail is kept', () => {
    const feed = new Feed();
    const tasks = feed.records('task', new Collection<Task>());
    feed.receive(snapshot(10, [put('task', 'a', 1), put('unknown', 'x', 1)]));
    feed.receive(put('task', 'b', 1, 11));
    feed.receive(put('nobody', 'c', 1, 12));
    expect(tasks.all.map((r) => r.id)).toEqual(['a', 'b']);
    expect(feed.seq).toBe(12);
    feed.receive({ type: 'resumed', seq: 12, data: { server_time_ms: 1, values: [] } });
    expect(tasks.size).toBe(2);
  });

  test('a paged topic survives a snapshot and is told to page again', () => {
    const feed = new Feed();
    const lines = feed.records('timeline', new Collection<RecordOf<'timeline'>>((line) => String(line.seq), () => 1), { whole: false });
    const reload = vi.fn();
    feed.onSnapshot(reload);
    feed.receive(snapshot(1, []));
    feed.receive(put('timeline', '7', 1, 2));
    feed.receive(snapshot(3, []));
    expect(lines.has('7')).toBe(true);
    expect(reload).toHaveBeenCalledTimes(2);
  });

  test('a restored server begins anew: lower versions are the truth then', () => {
    const feed = new Feed();
    const tasks = feed.records('task', new Collection<Task>());
    feed.receive(snapshot(100, [put('task', 'a', 9), put('task', 'gone', 2)]));
    feed.receive(snapshot(50, [put('task', 'a', 3)]));
    expect(tasks.all).toEqual([{ id: 'a', version: 3 }]);
  });

  test('values go to whoever asked, the effect of a change only where it was news', () => {
    const feed = new Feed();
    const seen: unknown[] = [];
    const then = vi.fn();
    feed.value('vehicle_state', (state) => seen.push(state));
    feed.records('task', new Collection<Task>(), { then });
    feed.receive(message('vehicle_state', 1));
    feed.receive(message('nobody', 2));
    feed.receive(put('task', 'a', 2, 1));
    feed.receive(put('task', 'a', 1, 2));
    expect(seen).toEqual([1]);
    expect(then).toHaveBeenCalledTimes(1);
  });
});
