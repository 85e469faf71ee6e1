/** The rules against the examples that the command post is checked against as well. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { formOf } from '../forms';
import type { Clause, Holiday, Inspection, NumberBlock, Paper, Signature, Values } from '../wire';
import { deadline, isDay, reminder, type Law } from './calendar';
import { approvalLacking, closingRefusals, refusals, steps, validOfficers } from './chain';
import { clausesFor, inForce } from './law';
import { missingFields, missingOfHazards, missingSignatures } from './missing';
import { numbersLeft, shortfall, type Series } from './numbers';
import { initials } from './pinyin';
import { standingOf } from './standing';

const FOLDER = '../../../../../../tests/vectors/inspections/';
function cases<T>(name: string): T[] {
  const text = readFileSync(new URL(`${FOLDER}${name}.json`, import.meta.url), 'utf8');
  return (JSON.parse(text) as { cases: T[] }).cases;
}

describe('the calendar', () => {
  type Deadline = { name: string; law: Law; from: string; days: number; holidays: Holiday[]; want: string };
  test.each(cases<Deadline>('deadline_cases'))('$name', ({ law, from, days, holidays, want }) => {
    expect(deadline(law, from, days, holidays)).toBe(want);
  });
  type Reminder = { due: string; today: string; want: number | null };
  test.each(cases<Reminder>('reminder_cases'))('on $today of $due: $want', ({ due, today, want }) => {
    expect(reminder(due, today)).toBe(want);
  });
  test('knows a day from what only looks like one', () => {
    expect([isDay('2024-02-29'), isDay('2026-02-29'), isDay('2026-1-1'), isDay(null)]).toEqual([true, false, false, false]);
  });
});

describe('numbers', () => {
  type Left = { name: string; blocks: NumberBlock[]; series: Series; taken: string[]; want: string[] };
  const all = cases<Left>('number_left_cases');
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
  test.each(cases<InForce>('in_force_cases'))('$from to $to on $day: $want', ({ from, to, day, want }) => {
    expect(inForce({ in_force_from: from, in_force_to: to }, day)).toBe(want);
  });
  test('clauses are of the sector and the day; what cannot be printed comes last', () => {
    const clause = (id: string, more: object) => ({
      id, version: 1, law: 'L', edition: null, article: '1', text: '', sector: null, major: false,
      in_force_from: null, in_force_to: null, standing: 'verified' as const, ...more,
    });
    const chosen = clausesFor(
      [
        clause('draft', { standing: 'unverified' }),
        clause('old', { in_force_to: '2024-12-31' }),
        clause('other', { sector: '非煤矿山' }),
        clause('general', { sector: '通用' }),
        clause('own', { sector: '加油站,工贸' }),
      ],
      '工贸(机械)',
      '2025-03-15',
    );
    expect(chosen.map(({ id }) => id)).toEqual(['general', 'own', 'draft']);
  });
});

describe('article 113', () => {
  type Standing = { name: string; today: string; papers: Paper[]; hazards: []; want: object };
  test.each(cases<Standing>('standing_cases'))('$name', ({ today, papers, hazards, want }) => {
    expect(standingOf([], papers, hazards, today)).toMatchObject(want);
  });
});

describe('the chain', () => {
  type Refusal = { name: string; form: string; inspection: Inspection; papers: Paper[]; want: string[] };
  test.each(cases<Refusal>('refusal_cases'))('$name', ({ form, inspection, papers, want }) => {
    expect(refusals(formOf(form)!, inspection, papers).map(({ code }) => code)).toEqual(want);
  });

  const inspection = { tier: 'bureau', state: 'on_site', source: 'plan', entered_ms: 1, emergency_reason: '' } as Inspection;
  test('says what is next: the draft before all else', () => {
    const notice = { id: 'n', form: 'INSPECT_NOTICE', state: 'issued' } as Paper;
    const next = (papers: Paper[]) => steps(inspection, papers).find((step) => step.next)?.form.code;
    expect(next([notice])).toBe('RECORD');
    const record = { id: 'r', form: 'RECORD', state: 'issued' } as Paper;
    expect(next([notice, record, { id: 'o', form: 'RECTIFY', state: 'draft' } as Paper])).toBe('RECTIFY');
  });
  test('an approval is waited for, but for emergencies and urgent measures', () => {
    const before = { ...formOf('RECORD')!, approval: 'before' as const };
    const urgent = { ...before, approval: 'urgent' as const };
    const asked = { approval: 'asked' as const, urgent: false };
    expect(approvalLacking(before, asked, inspection)?.code).toBe('approval-asked');
    expect(approvalLacking(before, asked, { ...inspection, source: 'emergency' })).toBeNull();
    expect(approvalLacking(urgent, { ...asked, urgent: true }, inspection)).toBeNull();
    expect(approvalLacking(urgent, { approval: 'refused', urgent: true }, inspection)?.code).toBe('approval-refused');
  });
  test('closing waits for orders and drafts', () => {
    const order = { state: 'served', due_day: '2026-12-01', fulfilled_ms: null } as Paper;
    const codes = (papers: Paper[]) => closingRefusals(papers).map(({ code }) => code);
    expect(codes([order, { state: 'draft' } as Paper])).toEqual(['open-orders', 'open-drafts']);
    expect(codes([{ ...order, fulfilled_ms: 1 }])).toEqual([]);
  });
  test('only certificates that are valid on the day count', () => {
    const officer = (id: string, from: string, to: string) =>
      ({ id, version: 1, name: id, certificate: 'c', valid_from: from, valid_to: to, office_id: 'o', username: null });
    const two = [officer('li', '2020-01-01', '2026-11-28'), officer('wang', '2020-01-01', '2027-01-01')];
    expect(validOfficers(two, '2026-11-29').map(({ id }) => id)).toEqual(['wang']);
  });
});

describe('what is missing', () => {
  type Missing = { name: string; form: string; values: Values; hazards: number; want: [string, string][] };
  test.each(cases<Missing>('missing_field_cases'))('$name', ({ form, values, hazards, want }) => {
    expect(missingFields(formOf(form)!, values, hazards).map(({ code, field }) => [code, field])).toEqual(want);
  });
  test('a major hazard needs a verified criterion and a second person', () => {
    const clauses = new Map<string, Clause>([
      ['a', { standing: 'unverified', major: false } as Clause],
      ['b', { standing: 'verified', major: true } as Clause],
    ]);
    const hazard = { text: 'x', level: 'major', clause_ids: ['a'], confirmed_by: null } as never;
    expect(missingOfHazards([hazard], clauses).map(({ code }) => code)).toEqual([
      'hazard-unverified', 'hazard-no-criterion', 'hazard-unconfirmed',
    ]);
    const whole = { text: 'x', level: 'major', clause_ids: ['b'], confirmed_by: 'wang' } as never;
    expect(missingOfHazards([whole], clauses)).toEqual([]);
  });
  test('each officer and the party sign or refuse with a reason', () => {
    const officers = [{ name: '李' }, { name: '王' }];
    const signed = { name: '李', role: 'officer', refused: false, reason: '', strokes: [[1, 2]] } as unknown as Signature;
    const refused: Signature = { ...signed, name: '赵', role: 'party', refused: true, strokes: [] };
    const codes = (given: Signature[]) => missingSignatures(formOf('RECORD')!, officers, given).map(({ code }) => code);
    expect(codes([signed])).toEqual(['unsigned-officer', 'unsigned-party']);
    expect(codes([signed, { ...signed, name: '王' }, refused])).toEqual(['refusal-no-reason']);
    expect(codes([signed, { ...signed, name: '王' }, { ...refused, reason: '不认可' }])).toEqual([]);
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
