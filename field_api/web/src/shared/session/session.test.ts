import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { call } from '../api/client';
import { session } from './session.svelte';

const user = (id: string) => ({ id, username: id, name: id, role: id === 'visitor' ? 'guest' : 'duty_officer', permissions: [], areas: [], terminal_id: null });
const settled = () => new Promise((done) => setTimeout(done, 30));

/** A command post whose session can end. */
class Server {
  signedIn: string | null = 'duty';
  asked: string[] = [];

  readonly fetch = async (request: Request): Promise<Response> => {
    const path = new URL(request.url).pathname.replace('/api/v1', '');
    this.asked.push(`${request.method} ${path}`);
    if (path === '/session' && request.method === 'POST') {
      const { username } = (await request.json()) as { username: string };
      this.signedIn = username;
      return Response.json({ user: user(username), token: null, idle_s: 1 });
    }
    if (request.method === 'DELETE') {
      this.signedIn = null;
      return new Response(null, { status: 204 });
    }
    if (!this.signedIn) return Response.json({ detail: { code: 'not_signed_in' } }, { status: 401 });
    if (path === '/session') return Response.json({ user: user(this.signedIn), token: null, idle_s: 1 });
    return Response.json({ echo: await request.text() });
  };
}

let server: Server;
let otherTab: BroadcastChannel;

beforeEach(async () => {
  server = new Server();
  vi.stubGlobal('fetch', server.fetch);
  otherTab = new BroadcastChannel('xunshan-session');
  await session.open();
});
afterEach(() => {
  otherTab.close();
  vi.unstubAllGlobals();
});

describe('a session that ends under somebody’s hands', () => {
  test('is renewed, and what was under way goes through with its body', async () => {
    server.signedIn = null;
    const answer = call<{ echo: string }>('POST', '/tasks', { body: { title: 'typed' } });
    await settled();
    expect(session.renewing).toBe(true);
    expect(session.user?.id).toBe('duty');
    await session.signIn({ username: 'duty', password: 'x' });
    expect((await answer).echo).toBe('{"title":"typed"}');
    expect(session.renewing).toBe(false);
  });

  test('a visitor has no password to be asked for', async () => {
    await session.signIn({ username: 'visitor', password: 'x' });
    server.signedIn = null;
    await expect(call('GET', '/a')).rejects.toMatchObject({ status: 401 });
    expect(session.renewing).toBe(false);
    expect(session.left).toBe('link-over');
  });

  test('calls at once ask once', async () => {
    server.signedIn = null;
    const answers = Promise.all([call('GET', '/a'), call('GET', '/b')]);
    await settled();
    await session.signIn({ username: 'duty', password: 'x' });
    await answers;
    expect(server.asked.filter((each) => each === 'POST /session')).toHaveLength(1);
  });

  test('is given up: the call is refused, the reason is said', async () => {
    server.signedIn = null;
    const answer = call('GET', '/a').catch((problem: { status: number }) => problem.status);
    await settled();
    session.giveUp();
    expect(await answer).toBe(401);
    expect([session.user, session.left]).toEqual([null, 'ended']);
  });

  test('is not continued in the name of somebody else', async () => {
    server.signedIn = null;
    const answer = call('POST', '/tasks', { body: {} }).catch((problem: { status: number }) => problem.status);
    await settled();
    await session.signIn({ username: 'pilot', password: 'x' });
    expect(await answer).toBe(401);
    expect(session.user?.id).toBe('pilot');
    expect(server.asked.filter((each) => each === 'POST /tasks')).toHaveLength(1);
  });
});

describe('other tabs', () => {
  test('signing out there is said here', async () => {
    otherTab.postMessage({ kind: 'out', userId: 'duty' });
    await settled();
    expect([session.user, session.left]).toEqual([null, 'out-elsewhere']);
  });

  test('another person there ends the work here', async () => {
    otherTab.postMessage({ kind: 'in', userId: 'pilot' });
    await settled();
    expect([session.user, session.left]).toEqual([null, 'other-user']);
  });

  test('the same person signing in again there renews here too', async () => {
    server.signedIn = null;
    const answer = call('GET', '/a');
    await settled();
    server.signedIn = 'duty';
    otherTab.postMessage({ kind: 'in', userId: 'duty' });
    await answer;
    expect(session.renewing).toBe(false);
  });
});
