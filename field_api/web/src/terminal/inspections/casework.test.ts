import 'fake-indexeddb/auto';
import Dexie from 'dexie';
import { afterEach, beforeEach, describe, expect, test, vi } from 'vitest';
import { newId } from '$shared/ids';
import { formOf } from '$shared/paper/forms';
import { sha256Hex } from '$shared/sha256';
import { exportFile } from '../outbox/export';
import { Handheld } from '../handheld.svelte';
import { Casework } from './casework.svelte';
import { issue, prepare } from './issuing';
import type { Typesetter } from './typesetting';
import type { NumberBlock, PaperContent, Signature } from './wire';

const OFFICE = { id: 'o', version: 1, name: '局', short_name: '西', tier: 'bureau', reconsideration: '', court: '', has_penalty_power: true };
const officer = (id: string, username: string | null) => ({ id, version: 1, name: id, certificate: id, valid_from: null, valid_to: null, office_id: 'o', username });
const ENTERPRISE = { id: 'e', version: 1, name: '水泥厂', credit_code: null, industry: '工贸', place: null, representative: '赵' };

/** A command post that gives numbers and takes everything; it can be cut off and lose its answers. */
class Post {
  up = true;
  loseDraws = 0;
  draws = new Map<string, NumberBlock[]>();
  pushed: { op: string; body: Record<string, unknown> }[] = [];
  #last = new Map<string, number>();

  async answer(request: Request): Promise<unknown> {
    const { pathname } = new URL(request.url);
    if (!this.up) throw new TypeError('no network');
    if (pathname.endsWith('/session')) return { token: 'x', user: { id: 'li', username: 'ht-01', name: '李', role: 'inspector', terminal_id: 'HT-01' } };
    if (pathname.endsWith('/number-blocks')) {
      const body = (await request.json()) as { id: string; year: number; forms: Record<string, number> };
      if (!this.draws.has(body.id)) this.draws.set(body.id, Object.entries(body.forms).map(([form, count]) => this.#block(form, count, body.year)));
      if (this.loseDraws-- > 0) throw new TypeError('lost');
      return this.draws.get(body.id);
    }
    if (pathname.endsWith('/sync/push')) {
      const { items } = (await request.json()) as { items: { id: string; op: string; body: Record<string, unknown> }[] };
      this.pushed.push(...items);
      return { server_time_ms: 1, answers: items.map(({ id }) => ({ id, status: 'applied', media_missing: [], record: null })) };
    }
    const cursor = new URL(request.url).searchParams.get('cursor');
    const put = (type: string, data: { id: string; version: number }) => ({ type, id: data.id, version: data.version, op: 'put', area: '', seq: 1, data });
    const all = [put('register.offices', OFFICE), put('register.officers', officer('li', 'ht-01')), put('register.officers', officer('wang', null)), put('register.enterprises', ENTERPRISE)];
    return { server_time_ms: Date.now(), cursor: '1', more: false, resync: false, changes: cursor ? [] : all };
  }

  #block(form: string, count: number, year: number): NumberBlock {
    const first = (this.#last.get(form) ?? 0) + 1;
    this.#last.set(form, first + count - 1);
    return { id: newId(), version: 1, office_id: 'o', form, year, first, last: first + count - 1, prefix: `${form}-`, suffix: '号', terminal_id: 'HT-01', device_id: '', drawn_ms: 1, used: [], returned_ms: null };
  }
}

/** Bytes that are the content itself. */
const typesetter: Typesetter = {
  ready: () => Promise.resolve(true),
  typeset: async (content) => {
    const text = JSON.stringify(content);
    const pdf = new Blob([text]);
    return { pdf, sha256: await sha256Hex(pdf), templateSha256: 't' };
  },
};

describe('an inspection without a network', () => {
  let post: Post;
  let handheld: Handheld;
  let casework: Casework;

  beforeEach(async () => {
    await Dexie.delete('xunshan-terminal');
    post = new Post();
    vi.stubGlobal('navigator', {});
    vi.stubGlobal('location', { hash: '' });
    vi.stubGlobal('window', { addEventListener: () => undefined });
    vi.stubGlobal('document', { addEventListener: () => undefined, hidden: true });
    vi.stubGlobal('fetch', async (request: Request) =>
      new Response(JSON.stringify(await post.answer(request)), { headers: { 'Content-Type': 'application/json' } }),
    );
    handheld = new Handheld();
    casework = new Casework(handheld);
  });
  afterEach(async () => {
    post.up = true;
    await handheld.signOut();
    vi.unstubAllGlobals();
  });
  const numbers = (form: string) => casework.numbers.left(form, 'o').map(({ text }) => text);
  const FIVE = [1, 2, 3, 4, 5].map((n) => `RECORD-${n}号`);

  test('five numbers of each form wait; a lost answer draws none twice', async () => {
    post.loseDraws = 2;
    await handheld.signIn({ username: 'ht-01', password: 'x' });
    await vi.waitFor(() => expect(casework.me?.id).toBe('li'));
    for (let round = 0; round < 3; round += 1) await casework.numbers.replenish();
    expect(numbers('RECORD')).toEqual(FIVE);
    expect(post.draws.size).toBe(1);
    await casework.numbers.replenish();
    expect(post.draws.size).toBe(1);
  });

  test('unused numbers are given back without a network, not those of a draft, and none are drawn by themselves', async () => {
    await handheld.signIn({ username: 'ht-01', password: 'x' });
    await vi.waitFor(() => expect(numbers('RECORD')).toEqual(FIVE));
    await vi.waitFor(() => expect(casework.notes.get('drawing')).toBeUndefined());
    const blocks = casework.blocks();
    const [draft] = blocks.filter(({ form }) => form === 'RECORD');
    post.up = false;
    await casework.notes.put('number:paper', { block_id: draft!.id, n: 3, text: 'RECORD-3号' });
    const draws = post.draws.size;
    const { kept, count } = casework.numbers.returnable();
    expect(kept.map(({ id }) => id)).toEqual([draft!.id]);
    expect(count).toBe((blocks.length - 1) * 5);
    await casework.numbers.giveBack('下班');
    expect(casework.numbers.returnable()).toMatchObject({ blocks: [], count: 0 });
    expect(numbers('RECTIFY')).toEqual([]);
    expect(numbers('RECORD')).toEqual(FIVE.filter((text) => text !== 'RECORD-3号'));

    post.up = true;
    await handheld.retry('none');
    await vi.waitFor(() => expect(handheld.waiting).toBe(0));
    const returned = post.pushed.filter(({ op }) => op === 'numbers.return').map(({ body }) => body.block_id);
    expect(new Set(returned)).toEqual(new Set(blocks.map(({ id }) => id).filter((id) => id !== draft!.id)));
    await casework.numbers.replenish();
    expect(post.draws.size).toBe(draws);
    await casework.numbers.drawAgain();
    expect(post.draws.size).toBe(draws + 1);
  });

  test('a record is begun, written, signed and issued; all of it survives a restart and goes out once', async () => {
    await handheld.signIn({ username: 'ht-01', password: 'x' });
    await vi.waitFor(() => expect(numbers('RECORD')).toEqual(FIVE));
    post.up = false;
    const [inspection, hazard, paper] = [newId(), newId(), newId()];
    await casework.do('inspection.open', '', inspection, { id: inspection, enterprise_id: 'e', office_id: 'o', sector: '工贸', kind: 'routine', source: 'emergency', day: casework.today, officer_ids: ['li', 'wang'], terminal_id: 'HT-01', note: '' });
    await casework.do('inspection.enter', inspection, inspection, { scan_code: null, emergency_reason: '事故' });
    await casework.drafts.write(hazard, 'hazard.find', inspection, {}, { inspection_id: inspection, text: '无警示标志', place: '', level: 'ordinary', clause_ids: [], measure: 'rectify', due_day: null, media: [] });
    await casework.drafts.settle(hazard);
    await casework.do('paper.begin', '', inspection, { id: paper, inspection_id: inspection, form: 'RECORD', values: { party: '水泥厂' }, hazard_ids: [hazard], order_id: null, replaces: null, urgent: false });
    await casework.drafts.write(paper, 'paper.edit', inspection, { site: null }, { site: '一号车间' });
    const stroke: Signature = { role: 'officer', name: 'li', certificate: 'li', refused: false, reason: '', strokes: [[1, 2, 3, 4]], t_ms: 1 };
    await casework.notes.put(`signatures:${paper}`, { li: stroke });
    const form = formOf('RECORD')!;
    const prepared = await prepare(casework, typesetter, { form, paper: casework.paper(paper)!, inspection: casework.inspection(inspection)! });
    expect(prepared).toMatchObject({ printed: { number: 'RECORD-1号' } });

    // Killed: nothing of the old page runs any more. And started again.
    handheld.user = null;
    casework.drafts.all = [];
    handheld = new Handheld();
    casework = new Casework(handheld);
    await handheld.open();
    expect(casework.inspection(inspection)).toMatchObject({ state: 'on_site', enterprise_name: '水泥厂' });
    expect(casework.paper(paper)?.values).toEqual({ party: '水泥厂', site: '一号车间' });
    expect(casework.notes.get<Record<string, Signature>>(`signatures:${paper}`)).toEqual({ li: stroke });
    const again = await prepare(casework, typesetter, { form, paper: casework.paper(paper)!, inspection: casework.inspection(inspection)! });
    if (typeof again === 'string') throw new Error(again);
    expect(again.printed.number).toBe('RECORD-1号');
    expect(numbers('RECORD')).toEqual(FIVE.slice(1));

    await issue(casework, typesetter, again, [stroke]);
    expect(casework.paper(paper)).toMatchObject({ state: 'issued', number: 'RECORD-1号' });
    expect(numbers('RECORD')).toEqual(FIVE.slice(1));
    const file = JSON.parse(await (await exportFile(handheld.database, 'HT-01')).text()) as { items: unknown[]; documents: unknown[] };
    expect([file.items.length, file.documents.length]).toEqual([6, 1]);

    post.up = true;
    await handheld.retry('none');
    await vi.waitFor(() => expect(handheld.waiting).toBe(0));
    expect(post.pushed.map(({ op }) => op)).toEqual(['inspection.open', 'inspection.enter', 'hazard.find', 'paper.begin', 'paper.edit', 'paper.issue']);
    const { content, device_signature } = post.pushed.at(-1)!.body as { content: PaperContent; device_signature: string };
    expect(content).toMatchObject({ number: 'RECORD-1号', unsigned_sha256: again.unsigned.sha256, officers: [{ name: 'li' }, { name: 'wang' }] });
    expect(device_signature).not.toBe('');
  });
});
