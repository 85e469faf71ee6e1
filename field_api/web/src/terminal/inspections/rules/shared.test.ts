/** The very examples that the command post's rules are checked against. */
import { readFileSync } from 'node:fs';
import { describe, expect, test } from 'vitest';
import { addDays } from '$shared/days';
import { whole, type Form } from '$shared/paper/forms';
import type { Paper } from '../wire';
import { isWorkday, periodEnd, reminderStep, type Kinds, type Law } from './calendar';
import { mayBegin, mayClose, mayIssue } from './chain';
import type { Draft, Scene } from './facts';
import { numberText } from './numbers';
import { standingOf } from './standing';

const FOLDER = '../../../../../../tests/vectors/inspections/';
const read = <T>(name: string): T =>
  JSON.parse(readFileSync(new URL(`${FOLDER}${name}.json`, import.meta.url), 'utf8')) as T;

describe('the calendar', () => {
  const given = read<{
    days: Kinds;
    workdays: [string, boolean][];
    periods: { start: string; days: number; law: Law; end: string }[];
  }>('calendar');
  test.each(given.workdays)('%s is worked: %s', (day, worked) => {
    expect(isWorkday(day, given.days)).toBe(worked);
  });
  test.each(given.periods)('$days days of $law from $start end on $end', ({ start, days, law, end }) => {
    expect(periodEnd(start, days, law, given.days)).toBe(end);
  });
  test('reminders count calendar days', () => {
    expect(reminderStep(7)).toBe(7);
    expect(addDays('2026-02-28', 1)).toBe('2026-03-01');
  });
});

describe('the chain', () => {
  interface Case {
    name: string;
    ask: 'begin' | 'issue' | 'close';
    form: string;
    day: string;
    scene: Scene;
    draft: Draft;
    refusals: string[];
  }
  const forms = new Map(read<{ forms: Form[] }>('forms').forms.map((form) => [form.code, whole(form)]));
  const asked = { begin: mayBegin, issue: mayIssue };
  test.each(read<{ cases: Case[] }>('chain').cases)('$ask $form: $name', ({ ask, form, day, scene, draft, refusals }) => {
    const found =
      ask === 'close'
        ? mayClose(scene, (code) => forms.get(code))
        : asked[ask](forms.get(form)!, scene, draft, day);
    expect(found.map(({ code }) => code)).toEqual(refusals);
  });
});

test('numbers are written as the command post writes them', () => {
  interface Written {
    short_name: string;
    series: string;
    year: number;
    tier: string;
    n: number;
    number: string;
  }
  for (const { short_name, series, year, tier, n, number } of read<{ written: Written[] }>('numbers').written) {
    const prefix = `（${short_name}）${series}〔${year}〕`;
    expect(numberText({ prefix, suffix: tier === 'street' ? '〔督〕号' : '号' }, n)).toBe(number);
  }
});

interface Standing {
  today: string;
  days: string[];
  major: number;
  in_180_days: number;
  in_1_year: number;
  closure_due: boolean;
}
test.each(read<{ cases: Standing[] }>('standing').cases)('article 113 on $today: $days', (given) => {
  const papers = given.days.map((day) => ({ form: 'PENALTY', state: 'served', day, due_day: null, fulfilled_ms: null }) as Paper);
  const hazards = Array.from({ length: given.major }, () => ({ state: 'found', level: 'major' }) as const);
  expect(standingOf([], papers, hazards, given.today)).toMatchObject({
    penalties_180_days: given.in_180_days,
    penalties_1_year: given.in_1_year,
    closure_due: given.closure_due,
  });
});
