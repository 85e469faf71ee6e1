import 'fake-indexeddb/auto';
import Dexie from 'dexie';
import { beforeEach, describe, expect, test } from 'vitest';
import { ApiProblem } from '$shared/api/client';
import { newId } from '$shared/ids';
import type { PushAnswer, PushAnswers, PushItem } from '../sync/wire';
import { TerminalDatabase, type OutboxItem, type Photo, type Work } from './database';
import { Outbox, type Post } from './outbox';

const unreachable = () => new ApiProblem(0, 'unreachable', '连不上', 'unreachable');
const TASK = newId();
const LI = { id: 'li', name: '李' };
const WANG = { id: 'wang', name: '王' };

/** A command post that can be cut off, lose answers and refuse; it stores by id, once. */
class Server implements Post {
  media = new Set<string>();
  records = new Map<string, unknown>();
  pushes: PushItem[][] = [];
  uploads: string[] = [];
  taken: string[] = [];
  session = LI.id;
  up = true;
  loseAnswers = 0;
  fail: ApiProblem | null = null;
  refuse = new Map<string, string>();
  unreadable = new Set<string>();
  held = new Set<string>();

  async push(author: string, items: PushItem[]): Promise<PushAnswers> {
    if (!this.up) throw unreachable();
    if (this.fail) throw this.fail;
    if (items.some((item) => this.unreadable.has(item.id))) {
      throw new ApiProblem(422, 'bad_body', '读不懂', 'Unreadable');
    }
    this.pushes.push(items);
    const answers = items.map((item) => this.#answer(author, item));
    if (this.loseAnswers > 0) {
      this.loseAnswers -= 1;
      throw unreachable();
    }
    return { server_time_ms: 1, answers };
  }

  #answer(author: string, item: PushItem): PushAnswer {
    const said = { id: item.id, code: null, text_zh: '', text_en: '', field: null, record: null, unknown: [] };
    if (author !== this.session) {
      return { ...said, status: 'refused', code: 'other_author', media_missing: [] };
    }
    const reason = this.refuse.get(item.id);
    if (reason) return { ...said, status: 'refused', text_zh: reason, text_en: reason, media_missing: [] };
    if (this.held.has(item.id)) return { ...said, status: 'held', media_missing: [] };
    const repeated = this.records.has(item.id);
    this.records.set(item.id, item.body);
    const body = item.body as { media?: string[]; now?: { media?: string[] } };
    const media = body.media ?? body.now?.media ?? [];
    return {
      ...said,
      status: repeated ? 'repeated' : 'applied',
      record: { type: 'task', id: TASK, version: this.records.size, op: 'put', area: '', seq: 0, data: {} },
      media_missing: media.filter((sha256) => !this.media.has(sha256)),
    };
  }

  async upload(photo: Photo): Promise<void> {
    if (!this.up) throw unreachable();
    this.uploads.push(photo.sha256);
    this.media.add(photo.sha256);
  }

  async took(record: { id: string }): Promise<void> {
    this.taken.push(record.id);
  }
}

const step = (to: 'acknowledged' | 'en_route' | 'on_scene'): Work => ({
  op: 'task.move',
  target: TASK,
  body: { id: newId(), to, t_ms: 1, text: '' },
});

function report(): { work: Extract<Work, { op: 'task.report' }>; photos: Photo[] } {
  const sha256 = crypto.randomUUID().replaceAll('-', '').repeat(2);
  return {
    work: {
      op: 'task.report',
      target: TASK,
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

  const states = async () => (await outbox.items()).reverse().map((item: OutboxItem) => item.state);
  const item = (work: Work) => database.outbox.get(work.body.id);

  test('a report goes before its pictures and is delivered with them', async () => {
    const { work, photos } = report();
    await outbox.add(LI, work, photos);
    expect(await outbox.flush(LI.id)).toBe('sent');
    expect(server.uploads).toEqual(work.body.media);
    expect(await states()).toEqual(['sent']);
    expect(server.taken).toEqual([TASK]);
  });

  test('a step that is held back is never overtaken by the report that follows it', async () => {
    await outbox.add(LI, step('on_scene'), [], null, 2_900);
    expect(await outbox.flush(LI.id)).toBe('empty');
    const { work, photos } = report();
    await outbox.add(LI, work, photos);
    expect(await outbox.flush(LI.id)).toBe('sent');
    expect(server.pushes.flat().map(({ op }) => op)).toEqual(['task.move', 'task.report']);
  });

  test('a call for help goes alone and before what waited longer', async () => {
    await outbox.add(LI, step('acknowledged'));
    const help: Work = { op: 'sos.raise', target: '', body: { id: newId(), t_ms: 1 } };
    await outbox.add(LI, help);
    expect(await outbox.flush(LI.id)).toBe('sent');
    expect(server.pushes.map((items) => items.map(({ op }) => op))).toEqual([['sos.raise'], ['task.move']]);
  });

  test('a call for help does not wait for a picture under way, and is made once', async () => {
    const { work, photos } = report();
    await outbox.add(LI, work, photos);
    let letGo = () => {};
    let begun = () => {};
    const uploading = new Promise<void>((resolve) => (begun = resolve));
    server.upload = () => (begun(), new Promise((resolve) => (letGo = resolve)));
    const round = outbox.flush(LI.id);
    await uploading;
    const help: Work = { op: 'sos.raise', target: '', body: { id: newId(), t_ms: 1 } };
    await outbox.add(LI, help);
    await outbox.sendFirst(LI.id);
    expect((await item(help))?.state).toBe('sent');
    letGo();
    await round;
    expect(server.pushes.flat().filter(({ op }) => op === 'sos.raise')).toHaveLength(1);
  });

  test('a call for help that finds nobody says so and waits', async () => {
    server.up = false;
    const help: Work = { op: 'sos.raise', target: '', body: { id: newId(), t_ms: 1 } };
    await outbox.add(LI, help);
    await outbox.sendFirst(LI.id);
    expect(await item(help)).toMatchObject({ state: 'waiting', tries: 1, reasonEn: 'unreachable' });
  });

  test('a report whose pictures cannot follow is shown as such, and they follow later', async () => {
    const { work, photos } = report();
    await outbox.add(LI, work, photos);
    server.upload = async () => Promise.reject(unreachable());
    expect(await outbox.flush(LI.id)).toBe('unreachable');
    expect(await states()).toEqual(['pictures']);
    delete (server as Partial<Server>).upload;
    expect(await outbox.flush(LI.id)).toBe('sent');
    expect(server.pushes).toHaveLength(1);
    expect(await states()).toEqual(['sent']);
  });

  test('everything goes in one push, in order, each step after the one before', async () => {
    server.up = false;
    const [first, second] = [step('acknowledged'), step('en_route')];
    const { work, photos } = report();
    await outbox.add(LI, first);
    await outbox.add(LI, second);
    await outbox.add(LI, work, photos);
    expect(await outbox.flush(LI.id)).toBe('unreachable');
    expect(await states()).toEqual(['waiting', 'waiting', 'waiting']);
    expect((await item(first))?.reasonEn).toBe('unreachable');
    server.up = true;
    expect(await outbox.flush(LI.id)).toBe('sent');
    expect(server.pushes).toHaveLength(1);
    expect(server.pushes[0]!.map(({ op, after }) => [op, after])).toEqual([
      ['task.move', null],
      ['task.move', first.body.id],
      ['task.report', null],
    ]);
  });

  test('survives a restart: a new outbox on the same database goes on', async () => {
    server.up = false;
    const { work, photos } = report();
    await outbox.add(LI, work, photos);
    await outbox.flush(LI.id);
    server.up = true;
    const reopened = new Outbox(new TerminalDatabase(database.name), server);
    expect(await reopened.flush(LI.id)).toBe('sent');
    expect(server.records.has(work.body.id)).toBe(true);
  });

  test('a lost answer leads to a second send of the same record, stored once', async () => {
    server.loseAnswers = 1;
    await outbox.add(LI, step('acknowledged'));
    expect(await outbox.flush(LI.id)).toBe('unreachable');
    expect(await outbox.flush(LI.id)).toBe('sent');
    expect(server.pushes).toHaveLength(2);
    expect(server.records.size).toBe(1);
  });

  test('a refusal is shown with its reason and holds back later steps of that task', async () => {
    const [first, second] = [step('on_scene'), step('en_route')];
    server.refuse.set(first.body.id, '任务已结束');
    server.held.add(second.body.id);
    await outbox.add(LI, first);
    await outbox.add(LI, second);
    await outbox.flush(LI.id);
    expect(await states()).toEqual(['refused', 'waiting']);
    expect((await item(first))?.reasonZh).toBe('任务已结束');
    server.refuse.clear();
    server.held.clear();
    await outbox.flush(LI.id);
    expect(await states()).toEqual(['refused', 'waiting']);
    await outbox.retry(first.body.id);
    await outbox.flush(LI.id);
    expect(await states()).toEqual(['sent', 'sent']);
  });

  test('items of one inspection go one after the other, whatever record they are about', async () => {
    const dossier = newId();
    const hazard = newId();
    const open = { id: dossier, enterprise_id: 'e', office_id: 'o', sector: '工贸', kind: 'routine', source: 'plan', day: '2026-11-29', officer_ids: [], terminal_id: null, note: '' } as const;
    const works: Work[] = [
      { op: 'inspection.open', target: '', body: { ...open, officer_ids: [] } },
      { op: 'hazard.find', target: '', dossier, body: { id: hazard, inspection_id: dossier, text: 'x', place: '', level: 'ordinary', clause_ids: [], measure: 'rectify', due_day: null, media: [], t_ms: 1 } },
      { op: 'numbers.return', target: 'b', body: { id: newId(), block_id: 'b', reason: '' } },
      { op: 'hazard.edit', target: hazard, dossier, body: { id: newId(), t_ms: 1, was: { text: 'x' }, now: { text: 'y' } } },
    ];
    for (const work of works) await outbox.add(LI, work);
    await outbox.flush(LI.id);
    expect(server.pushes).toHaveLength(1);
    expect(server.pushes[0]!.map(({ op, target, after }) => [op, target, after])).toEqual([
      ['inspection.open', '', null],
      ['hazard.find', '', works[0]!.body.id],
      ['numbers.return', 'b', null],
      ['hazard.edit', hazard, works[1]!.body.id],
    ]);
  });

  test('a refusal holds back its followers alone', async () => {
    const edit = (dossier: string): Work => ({
      op: 'paper.edit', target: newId(), dossier, body: { id: newId(), t_ms: 1, was: {}, now: { site: 'x' } },
    });
    const [before, refused, after, other] = [edit('a'), edit('a'), edit('a'), edit('b')];
    server.refuse.set(refused.body.id, '不行');
    server.held.add(after.body.id);
    for (const work of [before, refused, after, other]) await outbox.add(LI, work);
    await outbox.flush(LI.id);
    expect(await states()).toEqual(['sent', 'refused', 'waiting', 'sent']);
    const pushes = server.pushes.length;
    expect(await outbox.flush(LI.id)).toBe('empty');
    expect(server.pushes).toHaveLength(pushes);
    await outbox.discard(refused.body.id);
    server.held.clear();
    await outbox.flush(LI.id);
    expect(await states()).toEqual(['sent', 'sent', 'sent']);
  });

  test('24 pictures of a hazard go one by one, and those of a draft are not dropped', async () => {
    const shas = Array.from({ length: 24 }, () => crypto.randomUUID().replaceAll('-', '').repeat(2));
    const photos = shas.map((sha256): Photo => ({ sha256, picture: new Blob(['x']), takenMs: 1, uploaded: 0 }));
    const edit: Work = { op: 'hazard.edit', target: newId(), dossier: 'a', body: { id: newId(), t_ms: 1, was: { media: [] }, now: { media: shas } } };
    await outbox.add(LI, edit, photos);
    await database.photos.put({ sha256: 'of-a-draft', picture: new Blob(['x']), takenMs: 1, uploaded: 0 });
    await database.drafts.put({ id: 'h', op: 'hazard.find', dossier: 'a', author: LI.id, authorName: '', was: {}, now: { media: ['of-a-draft'] }, changedMs: 1 });
    expect(await outbox.flush(LI.id)).toBe('sent');
    expect(server.uploads).toEqual(shas);
    await new Outbox(database, server, () => Date.now() + 49 * 3_600_000).flush(LI.id);
    expect((await database.photos.toArray()).map(({ sha256 }) => sha256)).toEqual(['of-a-draft']);
  });

  test("nobody's records go out under somebody else's name", async () => {
    const [his, hers] = [step('acknowledged'), step('en_route')];
    await outbox.add(LI, his);
    await outbox.add(WANG, hers);
    server.session = WANG.id;
    await outbox.flush(WANG.id);
    expect([...server.records.keys()]).toEqual([hers.body.id]);
    expect(await states()).toEqual(['waiting', 'sent']);
    server.session = LI.id;
    await outbox.flush(LI.id);
    expect(await states()).toEqual(['sent', 'sent']);
  });

  test('should the session be of another after all, the item stays', async () => {
    const work = step('acknowledged');
    await outbox.add(LI, work);
    server.session = WANG.id;
    await outbox.flush(LI.id);
    expect((await item(work))?.state).toBe('waiting');
  });

  test('a picture that a restored server has lost is sent again', async () => {
    const { work, photos } = report();
    await outbox.add(LI, work, photos);
    await outbox.flush(LI.id);
    // The backup was from before: neither the report nor its picture is there any more.
    server.media.clear();
    server.records.clear();
    await outbox.offerAgain(LI.id);
    expect(await outbox.flush(LI.id)).toBe('sent');
    expect(server.uploads).toHaveLength(2);
    expect(server.records.has(work.body.id)).toBe(true);
    expect(await states()).toEqual(['sent']);
  });

  test('an item that the server cannot read does not hold up the others', async () => {
    const [bad, good] = [step('acknowledged'), report()];
    server.unreadable.add(bad.body.id);
    await outbox.add(LI, bad);
    await outbox.add(LI, good.work, good.photos);
    await outbox.flush(LI.id);
    expect(await states()).toEqual(['refused', 'sent']);
    expect((await item(bad))?.reasonEn).toBe('Unreadable');
  });

  test('an ended session keeps the queue', async () => {
    server.fail = new ApiProblem(401, 'not_signed_in', '请先登录', 'Sign in first');
    await outbox.add(LI, step('acknowledged'));
    expect(await outbox.flush(LI.id)).toBe('signed-out');
    expect(await states()).toEqual(['waiting']);
  });

  test('calls at once send each record once', async () => {
    await outbox.add(LI, step('acknowledged'));
    await Promise.all([outbox.flush(LI.id), outbox.flush(LI.id), outbox.flush(LI.id)]);
    expect(server.pushes).toHaveLength(1);
  });

  test('old receipts go, and pictures with them', async () => {
    const { work, photos } = report();
    await outbox.add(LI, work, photos);
    await outbox.flush(LI.id);
    expect(await database.photos.count()).toBe(1);
    const later = new Outbox(database, server, () => Date.now() + 49 * 3_600_000);
    await later.flush(LI.id);
    expect(await database.outbox.count()).toBe(0);
    expect(await database.photos.count()).toBe(0);
  });

  test('whatever the faults, in the end each record is there once, and nothing was said in vain', async () => {
    for (let seed = 1; seed <= 6; seed += 1) {
      const db = new TerminalDatabase(`faults-${seed}-${crypto.randomUUID()}`);
      const post = new Server();
      let queue = new Outbox(db, post);
      let a = seed;
      const roll = (below: number) => (a = (a * 48271) % 2147483647) % below;
      const made: string[] = [];
      for (let turn = 0; turn < 25; turn += 1) {
        post.up = roll(3) > 0;
        post.loseAnswers = roll(4) === 0 ? 1 : 0;
        if (roll(3) === 0) queue = new Outbox(db, post); // killed and started again
        const { work, photos } = report();
        const next = roll(2) ? work : step('en_route');
        made.push(next.body.id);
        await queue.add(LI, next, next === work ? photos : []);
        await queue.flush(LI.id);
        for (const entry of await queue.items()) {
          if (entry.state === 'sent') expect(post.records.has(entry.id)).toBe(true);
        }
      }
      post.up = true;
      post.loseAnswers = 0;
      await queue.flush(LI.id);
      expect([...post.records.keys()].sort()).toEqual(made.sort());
      expect((await queue.items()).every((entry) => entry.state === 'sent')).toBe(true);
    }
    // Six stores with faults: a limit for a machine that is busy, no measure.
  }, 30_000);

  test('a queue of the version before is taken over under its holder’s name', async () => {
    const name = `old-${crypto.randomUUID()}`;
    const old = new Dexie(name);
    old.version(1).stores({ outbox: 'id, order, state', photos: 'sha256', tasks: 'id', session: 'key' });
    const body = { id: newId(), to: 'acknowledged', t_ms: 1, text: '' };
    await old.table('session').put({ key: 'me', user: LI, token: 't' });
    await old.table('outbox').put({
      id: body.id, order: 1, work: { kind: 'transition', taskId: TASK, body }, state: 'waiting',
      tries: 0, reasonZh: '', reasonEn: '', madeMs: 1, sentMs: null,
    });
    old.close();
    const queue = new Outbox(new TerminalDatabase(name), server);
    expect(await queue.flush(LI.id)).toBe('sent');
    expect(server.pushes[0]![0]).toMatchObject({ id: body.id, op: 'task.move', target: TASK });
  });

  test('what names no author waits until somebody says it is theirs; others’ cannot be taken', async () => {
    const mine = step('acknowledged');
    await outbox.add({ id: '', name: '' }, mine);
    const theirs = step('en_route');
    await outbox.add(WANG, theirs);
    expect(await outbox.flush(LI.id)).toBe('empty');
    await outbox.adopt(mine.body.id, LI);
    await outbox.adopt(theirs.body.id, LI);
    expect(await outbox.flush(LI.id)).toBe('sent');
    expect([...server.records.keys()]).toEqual([mine.body.id]);
    expect((await item(theirs))?.author).toBe(WANG.id);
  });
});
