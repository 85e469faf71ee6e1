/** The rules against the examples that the command post is checked against as well. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { isDay } from '$shared/days';
import { formOf, whole, type Form } from '$shared/paper/forms';
import type { Clause, NumberBlock, Paper, Signature, SignerRole } from '../wire';
import { periodEnd, reminderStep, type Kinds, type Law } from './calendar';
import { mayBegin, mayClose, mayIssue } from './chain';
import type { Draft, Refusal, Scene } from './facts';
import { filling } from './filling';
import { clausesInForce, inForce } from './law';
import { numbersLeft, shortfall, type Series } from './numbers';
import { initials } from './pinyin';
import { signaturesMissing } from './signing';
import { standingOf } from './standing';
import { steps } from './steps';

const FOLDER = '../../../../../../tests/vectors/inspections/';
function cases<T>(name: string): T[] {
  const text = readFileSync(new URL(`${FOLDER}${name}.json`, import.meta.url), 'utf8');
  return (JSON.parse(text) as { cases: T[] }).cases;
}
/** Forms as short as the examples need them. */
const EXAMPLES = new Map(
  (JSON.parse(readFileSync(new URL(`${FOLDER}forms.json`, import.meta.url), 'utf8')) as { forms: Form[] }).forms.map(
    (form) => [form.code, whole(form)],
  ),
);
const codes = (refusals: Refusal[]) => refusals.map(({ code }) => code);

describe('the calendar', () => {
  type Period = { name: string; start: string; days: number; law: Law; kinds: Kinds; want: string };
  test.each(cases<Period>('handheld_periods'))('$name', ({ start, days, law, kinds, want }) => {
    expect(periodEnd(start, days, law, kinds)).toBe(want);
  });
  test.each(cases<{ left: number; want: number | null }>('handheld_reminders'))('$left left: $want', ({ left, want }) => {
    expect(reminderStep(left)).toBe(want);
  });
  test('knows a day from what only looks like one', () => {
    expect([isDay('2024-02-29'), isDay('2026-02-29'), isDay('2026-1-1'), isDay(null)]).toEqual([true, false, false, false]);
  });
});

describe('numbers', () => {
  type Left = { name: string; blocks: NumberBlock[]; series: Series; taken: string[]; want: string[] };
  const all = cases<Left>('handheld_numbers');
  test.each(all)('$name', ({ blocks, series, taken, want }) => {
    expect(numbersLeft(blocks, series, new Set(taken)).map((each) => each.text)).toEqual(want);
  });
  test('as many are drawn as are lacking', () => {
    const { blocks, series } = all[0]!;
    expect(shortfall(blocks, ['RECORD', 'RECTIFY'], series, new Set(), 5)).toEqual({ RECORD: 2, RECTIFY: 5 });
    expect(shortfall(blocks, ['RECORD'], series, new Set(), 3)).toEqual({});
  });
});

describe('law by date', () => {
  type InForce = { from: string | null; to: string | null; day: string; want: boolean };
  test.each(cases<InForce>('handheld_in_force'))('$from to $to on $day: $want', ({ from, to, day, want }) => {
    expect(inForce({ in_force_from: from, in_force_to: to }, day)).toBe(want);
  });
  test('clauses are of the sector and the day; what cannot be printed comes last', () => {
    const clause = (id: string, more: Partial<Clause>): Clause => ({
      id, version: 1, code: id, standard: 'L', edition: '', article: '1', text: '', sectors: ['通用'], level: 'ordinary',
      in_force_from: null, in_force_to: null, standing: 'verified', ...more,
    });
    const chosen = clausesInForce(
      [
        clause('unread', { standing: 'unverified' }),
        clause('old', { in_force_to: '2024-12-31' }),
        clause('other', { sectors: ['非煤矿山'] }),
        clause('general', {}),
        clause('own', { sectors: ['加油站', '工贸'] }),
      ],
      '2025-03-15',
      '工贸',
    );
    expect(chosen.map(({ id }) => id)).toEqual(['general', 'own', 'unread']);
  });
});

describe('article 113', () => {
  type Standing = { name: string; today: string; papers: Paper[]; hazards: []; want: object };
  test.each(cases<Standing>('handheld_standing'))('$name', ({ today, papers, hazards, want }) => {
    expect(standingOf([], papers, hazards, today)).toMatchObject(want);
  });
});

describe('the chain', () => {
  type Begin = { name: string; form: string; scene: Scene; draft: Draft; want: string[] };
  test.each(cases<Begin>('handheld_begin'))('begin: $name', ({ form, scene, draft, want }) => {
    expect(codes(mayBegin(EXAMPLES.get(form)!, scene, draft))).toEqual(want);
  });
  type Issue = { name: string; form: string; scene: Scene; draft: Draft; want: [string, string | null][] };
  test.each(cases<Issue>('handheld_issue'))('issue: $name', ({ form, scene, draft, want }) => {
    const found = mayIssue(EXAMPLES.get(form)!, scene, draft, '2026-11-29');
    expect(found.map(({ code, field = null }) => [code, field])).toEqual(want);
  });
  test.each(cases<{ name: string; scene: Scene; want: string[] }>('handheld_close'))('close: $name', ({ scene, want }) => {
    expect(codes(mayClose(scene, (code) => EXAMPLES.get(code)))).toEqual(want);
  });
  type Signed = { name: string; signers: SignerRole[]; officers: { name: string }[]; given: Signature[]; want: string[] };
  test.each(cases<Signed>('handheld_signatures'))('sign: $name', ({ signers, officers, given, want }) => {
    expect(codes(signaturesMissing({ signers }, officers, given))).toEqual(want);
  });

  const of = (approval: 'before' | 'urgent') => ({ ...formOf('RECORD')!, approval, after: [], fields: [], officers: 0 });
  test('an approval is waited for, but for emergencies and urgent measures', () => {
    const day = '2026-11-29';
    expect(codes(mayIssue(of('before'), {}, { approval: 'asked' }, day))).toEqual(['approval_needed']);
    expect(codes(mayIssue({ ...of('before'), approved_afterwards: true }, { source: 'emergency' }, { approval: 'asked' }, day))).toEqual([]);
    expect(codes(mayIssue(of('before'), { source: 'emergency' }, { approval: 'needed' }, day))).toEqual(['approval_needed']);
    expect(codes(mayIssue(of('urgent'), {}, { approval: 'needed', urgent: true }, day))).toEqual([]);
    expect(codes(mayIssue(of('urgent'), {}, { approval: 'refused', urgent: true }, day))).toEqual(['approval_refused']);
    expect(codes(mayIssue(of('urgent'), { tier: 'street' }, { urgent: true }, day))).toEqual(['street_never_coerces']);
  });
  test('a review refers to a served order that is still open', () => {
    const review = { ...formOf('RECORD')!, after: [], order: ['RECTIFY'] };
    const of = (order: Draft['order']) => codes(mayBegin(review, {}, { order }));
    expect(of(null)).toEqual(['order_needed']);
    expect(of({ form: 'RECTIFY', state: 'issued' })).toEqual(['order_not_served']);
    expect(of({ form: 'RECTIFY', state: 'served', fulfilled: true })).toEqual(['order_fulfilled']);
    expect(of({ form: 'RECORD', state: 'served' })).toEqual(['order_of_another_form']);
    expect(of({ form: 'RECTIFY', state: 'served' })).toEqual([]);
  });
  test('amounts are capped, and some fields needed, by another field', () => {
    const form = whole({
      code: 'X', zh: '', en: '',
      fields: [
        { name: 'amount', zh: '', en: '', kind: 'money', most: 3000, caps: [{ field: 'of', value: 'person', most: 200 }], required_when: { field: 'kind', value: 'fine' } },
      ],
    });
    const said = (values: Draft['values']) => codes(filling(form, { values }, '2026-11-29'));
    expect(said({ kind: 'warning' })).toEqual([]);
    expect(said({ kind: 'fine' })).toEqual(['field_missing']);
    expect([said({ amount: '201', of: 'person' }), said({ amount: '201', of: 'unit' })]).toEqual([['amount_too_high'], []]);
    expect(said({ amount: 'much' })).toEqual(['amount_too_high']);
  });
  test('says what is next: the draft before all else', () => {
    const paper = (form: string, state: string) => ({ id: form, form, state, fulfilled_ms: null, due_day: null }) as Paper;
    const next = (...papers: Paper[]) => steps({ papers }, papers).find((step) => step.next)?.form.code;
    expect(next(paper('PLAN', 'issued'), paper('INSPECT_NOTICE', 'issued'))).toBe('RECORD');
    expect(next(paper('PLAN', 'issued'), paper('INSPECT_NOTICE', 'issued'), paper('RECORD', 'issued'), paper('RECTIFY', 'draft'))).toBe('RECTIFY');
  });
});

test('initials agree with GB 2312, whose first 3755 characters stand in the order of pinyin', () => {
  // Where each letter begins there.
  const starts = 'a:b0a1 b:b0c5 c:b2c1 d:b4ee e:b6ea f:b7a2 g:b8c1 h:b9fe j:bbf7 k:bfa6 l:c0ac m:c2e8 n:c4c3 o:c5b6 p:c5be q:c6da r:c8bb s:c8f6 t:cbfa w:cdda x:cef4 y:d1b9 z:d4d1'
    .split(' ')
    .map((each) => [each[0]!, Number.parseInt(each.slice(2), 16)] as const);
  const read = new TextDecoder('gb18030');
  const others: string[] = [];
  let count = 0;
  for (let code = 0xb0a1; code <= 0xd7f9; code += 1) {
    if ((code & 0xff) < 0xa1 || (code & 0xff) > 0xfe) continue;
    count += 1;
    const character = read.decode(new Uint8Array([code >> 8, code & 0xff]));
    const want = starts.filter(([, from]) => from <= code).at(-1)![0];
    if (!initials(character).split(' ').includes(want)) others.push(character);
  }
  expect(count).toBe(3755);
  // Characters with two readings that seldom stand in names.
  expect(others.length).toBeLessThan(15);
});
