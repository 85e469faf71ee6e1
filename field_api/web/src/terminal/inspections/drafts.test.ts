import 'fake-indexeddb/auto';
import { beforeEach, describe, expect, test, vi } from 'vitest';
import { TerminalDatabase, type Draft, type OutboxItem, type Work } from '../outbox/database';
import { Outbox } from '../outbox/outbox';
import { applied, type Cases } from './applied';
import { Drafts } from './drafts.svelte';
import type { Hazard, Inspection, Paper } from './wire';

const LI = { id: 'li', name: '李' };
const never = { push: () => Promise.reject(new Error()), upload: () => Promise.reject(new Error()), took: () => Promise.resolve() };

describe('drafts', () => {
  let database: TerminalDatabase;
  let outbox: Outbox;
  let drafts: Drafts;
  const handOver = (work: Work, id: string) => outbox.add(LI, work, [], id);

  beforeEach(async () => {
    database = new TerminalDatabase(`drafts-${crypto.randomUUID()}`);
    outbox = new Outbox(database, never);
    drafts = new Drafts(database, handOver, 1e6);
    await drafts.open(LI);
  });
  const bodies = async () => (await outbox.items()).reverse().map(({ work }) => work.body);

  test('each key is on disk at once and there after a restart', async () => {
    for (const text of ['一', '一号', '一号车', '一号车间']) {
      await drafts.write('p', 'paper.edit', 'i', { site: '' }, { site: text });
      expect((await database.drafts.get('p'))?.now).toEqual({ site: text });
    }
    const again = new Drafts(database, handOver, 1e6);
    await again.open(LI);
    expect(again.get('p')?.now).toEqual({ site: '一号车间' });
  });

  test('what was not handed over goes out after a restart, coalesced', async () => {
    await drafts.write('p', 'paper.edit', 'i', { site: 'a', post: null }, { site: 'b' });
    await drafts.write('p', 'paper.edit', 'i', { site: 'b' }, { site: 'c', post: '厂长' });
    const again = new Drafts(database, handOver, 0);
    await again.open(LI);
    await vi.waitFor(async () => expect(await bodies()).toHaveLength(1));
    expect((await bodies())[0]).toMatchObject({ was: { site: 'a', post: null }, now: { site: 'c', post: '厂长' } });
    await vi.waitFor(async () => expect(await database.drafts.count()).toBe(0));
  });

  test('what was taken back is no edit', async () => {
    await drafts.write('p', 'paper.edit', 'i', { site: 'a' }, { site: 'b' });
    await drafts.write('p', 'paper.edit', 'i', { site: 'b' }, { site: 'a' });
    await drafts.settle();
    expect(await bodies()).toEqual([]);
    expect(await database.drafts.count()).toBe(0);
  });

  test('a key pressed while it is handed over is not lost', async () => {
    await drafts.write('p', 'paper.edit', 'i', { site: 'a' }, { site: 'b' });
    const settling = drafts.settle();
    void drafts.write('p', 'paper.edit', 'i', { site: 'b' }, { site: 'c' });
    await settling;
    await drafts.settle();
    expect(await bodies()).toMatchObject([{ now: { site: 'c' } }]);

    // The same, the key coming after the edit was made and before it is stored.
    let storing = () => {};
    let store = () => {};
    const reached = new Promise<void>((done) => (storing = done));
    const released = new Promise<void>((done) => (store = done));
    const slow = new Drafts(database, async (work, id) => {
      storing();
      await released;
      await handOver(work, id);
    }, 1e6);
    await slow.open(LI);
    await slow.write('q', 'paper.edit', 'i', { site: 'a' }, { site: 'b' });
    const going = slow.settle();
    await reached;
    const typed = slow.write('q', 'paper.edit', 'i', { site: 'b' }, { site: 'bc' });
    store();
    await Promise.all([going, typed]);
    expect((await bodies()).at(-1)).toMatchObject({ was: { site: 'a' }, now: { site: 'b' } });
    expect(await database.drafts.get('q')).toMatchObject({ was: { site: 'b' }, now: { site: 'bc' } });
  });

  test("another person's draft waits for them", async () => {
    await drafts.write('p', 'paper.edit', 'i', { site: 'a' }, { site: 'b' });
    const hers = new Drafts(database, handOver, 0);
    await hers.open({ id: 'wang', name: '王' });
    expect(hers.all).toEqual([]);
    await hers.settle();
    expect(await bodies()).toEqual([]);
  });

  test('a hazard is no record until its finder says so', async () => {
    await drafts.write('h', 'hazard.find', 'i', {}, { inspection_id: 'i', text: '无警示标志' });
    await drafts.settle();
    expect(await bodies()).toEqual([]);
    await drafts.settle('h');
    expect((await outbox.items())[0]?.work).toMatchObject({ op: 'hazard.find', body: { id: 'h', text: '无警示标志' } });
  });
});

describe('what was done here and is not confirmed', () => {
  const names = { enterprise: () => ({ name: '石厂' }) as never, office: () => ({ tier: 'street' }) as never };
  const nothing: Cases = { inspections: new Map(), papers: new Map(), hazards: new Map() };
  const item = (work: unknown, state: OutboxItem['state'] = 'waiting'): OutboxItem =>
    ({ work, state, author: 'li', authorName: '李', madeMs: 5 }) as OutboxItem;
  const begun = [
    item({ op: 'inspection.open', target: '', body: { id: 'i', enterprise_id: 'e', office_id: 'o', day: '2026-11-29', officer_ids: [] } }),
    item({ op: 'inspection.enter', target: 'i', body: { t_ms: 6, scan_code: 'S', emergency_reason: '' } }),
    item({ op: 'paper.begin', target: '', body: { id: 'p', inspection_id: 'i', form: 'RECTIFY', values: { due: '2026-12-14' }, hazard_ids: ['h'], replaces: null } }),
  ];

  test('is shown as if it had been', () => {
    const issue = item({ op: 'paper.issue', target: 'p', body: { t_ms: Date.UTC(2026, 10, 29, 17), content: { number: 'N1' }, sha256: 'f' } });
    const { inspections, papers } = applied(nothing, [...begun, issue], [], names);
    expect(inspections.get('i')).toMatchObject({ state: 'rectifying', tier: 'street', enterprise_name: '石厂', scan_code: 'S' });
    expect(papers.get('p')).toMatchObject({ state: 'issued', number: 'N1', due_day: '2026-12-14', day: '2026-11-30' });
  });

  test('a hazard under an order is cleared by its review, one without by the look', () => {
    const hazard = (id: string, state: Hazard['state']): [string, Hazard] => [id, { id, version: 1, state } as Hazard];
    const known: Cases = { ...nothing, hazards: new Map([hazard('ordered', 'ordered'), hazard('found', 'found')]) };
    const looks = ['ordered', 'found'].map((target) => item({ op: 'hazard.check', target, body: { result: 'cleared', text: '', media: [], t_ms: 7 } }));
    const { hazards } = applied(known, looks, [], names);
    expect(hazards.get('ordered')).toMatchObject({ state: 'rectified', check_result: 'cleared', checked_by: '李' });
    expect(hazards.get('found')?.state).toBe('cleared');
  });

  test("gives way to the command post's word; a refused step did not happen, a refused text stays", () => {
    const known: Cases = {
      ...nothing,
      papers: new Map([['p', { id: 'p', version: 3, form: 'RECTIFY', state: 'draft', values: { due: '2026-12-20' } } as unknown as Paper]]),
      inspections: new Map([['i', { id: 'i', state: 'on_site' } as Inspection]]),
    };
    const edit = item({ op: 'paper.edit', target: 'p', body: { now: { meanwhile: '停用' } } }, 'refused');
    const serve = item({ op: 'paper.serve', target: 'p', body: { way: 'handed', receiver: '赵', t_ms: 1 } }, 'refused');
    const draft = { id: 'p', op: 'paper.edit', now: { due: '2026-12-30' } } as unknown as Draft;
    const { papers } = applied(known, [...begun.map((each) => ({ ...each, state: 'sent' as const })), edit, serve], [draft], names);
    expect(papers.get('p')).toMatchObject({ version: 3, state: 'draft', values: { due: '2026-12-30', meanwhile: '停用' } });
  });
});
