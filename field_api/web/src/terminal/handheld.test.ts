import 'fake-indexeddb/auto';
import { afterEach, describe, expect, test, vi } from 'vitest';
import type { Task } from '$shared/api/records';
import { changeOf, Handheld } from './handheld.svelte';

const TASK = { id: 'task-1', version: 1, state: 'sent', created_ms: 1, reports: [] };

/** A command post that takes a step at once and then lets the pull wait for `answerPull`. */
function post() {
  let answerPull = () => {};
  const pulls: Promise<void>[] = [];
  const task = { ...TASK };
  const changed = () => ({ type: 'task', id: task.id, version: task.version, op: 'put', area: '', seq: 1, data: { ...task } });
  const answer = async (request: Request): Promise<unknown> => {
    const { pathname } = new URL(request.url);
    if (pathname.endsWith('/session')) return { token: 'x', user: { id: 'li', name: '李', terminal_id: 'HT-01' } };
    if (pathname.endsWith('/sync/push')) {
      const { items } = (await request.json()) as { items: { id: string; body: { to: string } }[] };
      task.version += 1;
      task.state = items.at(-1)!.body.to;
      return {
        server_time_ms: 1,
        answers: items.map(({ id }) => ({ id, status: 'applied', media_missing: [], record: changed() })),
      };
    }
    if (pulls.length) await pulls[0];
    const first = !pulls.length;
    pulls[0] = new Promise((resolve) => (answerPull = resolve));
    return { server_time_ms: 1, cursor: String(task.version), more: false, resync: false, changes: first ? [changed()] : [] };
  };
  vi.stubGlobal('navigator', {}); // no GPS, no motor
  vi.stubGlobal('fetch', async (request: Request) =>
    new Response(JSON.stringify(await answer(request)), { headers: { 'Content-Type': 'application/json' } }),
  );
  return { letPullsGo: () => answerPull() };
}

describe('a step taken on the handheld', () => {
  afterEach(() => vi.unstubAllGlobals());

  test('is never shown as not taken, even while the pull that follows is slow', async () => {
    const { letPullsGo } = post();
    const handheld = new Handheld();
    handheld.holdMs = 0;
    await handheld.signIn({ username: 'ht-01', password: 'x' });
    await vi.waitFor(() => expect(handheld.shown).toHaveLength(1));

    await handheld.step(handheld.shown[0]!.task, 'acknowledged');
    const seen: string[] = [];
    await vi.waitFor(() => {
      seen.push(handheld.shown[0]!.state);
      expect(handheld.waiting).toBe(0);
    }, { interval: 1 });
    seen.push(handheld.shown[0]!.state);

    expect(new Set(seen)).toEqual(new Set(['acknowledged']));
    letPullsGo();
    await handheld.signOut();
  });
});

describe('a tap', () => {
  afterEach(() => vi.unstubAllGlobals());

  test('twice is one step, which can be taken back before it goes out', async () => {
    const { letPullsGo } = post();
    const handheld = new Handheld();
    await handheld.signIn({ username: 'ht-01', password: 'x' });
    await vi.waitFor(() => expect(handheld.shown).toHaveLength(1));
    const { task, state: before } = handheld.shown[0]!;

    const [first, second] = await Promise.all([handheld.step(task, 'en_route'), handheld.step(task, 'on_scene')]);
    expect(second).toBeNull();
    expect(handheld.shown[0]!.state).toBe('en_route');
    expect(await handheld.takeBack(task, first!)).toBe(true);
    expect(handheld.shown[0]!.state).toBe(before);
    expect(await handheld.takeBack(task, first!)).toBe(false);
    letPullsGo();
    await handheld.signOut();
  });
});

test('who has a task is told that it was called off, or where it is, once', () => {
  const task = (changes: Partial<Task>) => ({ state: 'sent', lat_deg: null, lon_deg: null, ...changes }) as Task;
  expect(changeOf(undefined, task({ state: 'cancelled' }))).toBeNull();
  expect(changeOf(task({}), task({ state: 'cancelled' }))).toBe('cancelled');
  expect(changeOf(task({ state: 'cancelled' }), task({ state: 'cancelled' }))).toBeNull();
  expect(changeOf(task({}), task({ lat_deg: 24.9, lon_deg: 102.6 }))).toBe('placed');
  expect(changeOf(task({}), task({ state: 'acknowledged' }))).toBeNull();
});

describe('the connection', () => {
  afterEach(() => vi.unstubAllGlobals());

  test('is not claimed before the command post has answered', async () => {
    post();
    const handheld = new Handheld();
    expect(handheld.answered).toBeNull();
    expect(handheld.online).toBe(false);

    await handheld.signIn({ username: 'ht-01', password: 'x' });
    await vi.waitFor(() => expect(handheld.online).toBe(true));

    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('no network')));
    await handheld.step(handheld.shown[0]!.task, 'acknowledged');
    await vi.waitFor(() => expect(handheld.answered).toBe(false));
    await handheld.signOut();
  });
});

describe('who signs out', () => {
  afterEach(() => vi.unstubAllGlobals());

  test('leaves at once: nothing of theirs goes out while the command post is being told', async () => {
    post();
    const handheld = new Handheld();
    await handheld.signIn({ username: 'ht-01', password: 'x' });
    await vi.waitFor(() => expect(handheld.online).toBe(true));
    const answers = globalThis.fetch;
    vi.stubGlobal('fetch', () => Promise.reject(new TypeError('no network')));
    await handheld.step(handheld.shown[0]!.task, 'acknowledged');
    await vi.waitFor(() => expect(handheld.answered).toBe(false));

    const kept = handheld.items;
    const asked: string[] = [];
    let tell = () => {};
    vi.stubGlobal('fetch', async (request: Request) => {
      asked.push(`${request.method} ${new URL(request.url).pathname} ${request.headers.get('Authorization')}`);
      if (request.method === 'DELETE') await new Promise<void>((resolve) => (tell = resolve));
      return answers(request);
    });
    const leaving = handheld.signOut();
    expect(handheld.user).toBeNull();
    await vi.waitFor(() => expect(asked).toHaveLength(1));
    await handheld.sendFirst();
    tell();
    await leaving;

    expect(asked).toEqual(['DELETE /api/v1/session Bearer x']);
    expect(handheld.items).toEqual(kept);
  });
});
