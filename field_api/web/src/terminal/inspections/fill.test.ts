import { describe, expect, test } from 'vitest';
import { formOf } from '$shared/paper/forms';
import { filled, type Known } from './fill';
import type { ChecklistItem, Clause, Hazard, Inspection, Office } from './wire';

const clause = (id: string, standing: Clause['standing'], article: string) =>
  ({ id, standing, standard: '安全生产法', edition: '2021', article }) as Clause;
const CLAUSES = [clause('a', 'verified', '第三十五条'), clause('b', 'unverified', '第一条')];
const item = (id: string, question: string) => ({ id, question }) as ChecklistItem;

const known = (change: Partial<Known> = {}): Known => ({
  inspection: { tier: 'bureau', day: '2026-03-15', kind: 'routine', source: 'plan', enterprise_name: '甲厂', entered_ms: null } as Inspection,
  enterprise: undefined,
  office: undefined,
  officers: [],
  hazards: [],
  found: [],
  papers: [],
  clause: (id) => CLAUSES.find((each) => each.id === id),
  items: [item('1', '配电箱是否上锁，钥匙由谁保管？'), item('2', '是否设置警示标志？'), item('3', '有无储罐？')],
  answers: {},
  order: null,
  holidays: [],
  visit: 1,
  remembered: () => undefined,
  titleOf: (form) => form,
  nowMs: Date.UTC(2026, 2, 15),
  ...change,
});
const values = (form: string, change?: Partial<Known>) => filled(formOf(form)!, known(change));

describe('a paper is filled in', () => {
  test('with the law that it rests on, by its whole name and without circulars', () => {
    expect(values('INSPECT_NOTICE').law).toBe('《中华人民共和国安全生产法》第六十五条');
  });

  test('with what was violated, as far as it may be cited, each once', () => {
    const found = [{ clause_ids: ['a', 'b'] }, { clause_ids: ['a'] }] as Hazard[];
    expect(values('ONSPOT', { found }).violated).toBe('《安全生产法》（2021）第三十五条');
    expect(values('ONSPOT')).not.toHaveProperty('violated');
  });

  test('with the questions of the checklist in short', () => {
    expect(values('PLAN').items).toBe('配电箱是否上锁；是否设置警示标志；有无储罐');
  });

  test('with how many questions were answered, and nothing where none was', () => {
    expect(values('RECORD')).not.toHaveProperty('checked');
    expect(values('RECORD', { answers: { 1: 'fits', 2: 'not', 3: 'na' } }).checked).toBe(
      '按检查表检查2项，1项不符合，1项不适用。',
    );
  });

  test('with what only others know left open', () => {
    expect(values('PLAN')).not.toHaveProperty('reviewer');
    expect(values('ONSPOT')).not.toHaveProperty('law');
    expect(values('INSPECT_NOTICE', { remembered: (fill) => (fill === 'office.phone' ? '0871' : undefined) }).contact_phone).toBe('0871');
    expect(values('PLAN', { office: { name: '某局' } as Office })).not.toHaveProperty('approver');
  });
});
