import { expect, test } from 'vitest';
import type { FieldReport } from '$shared/api/records';
import type { OutboxItem } from '../outbox/database';
import { shownReports } from './quick';

const item = (id: string, state: OutboxItem['state'], t_ms = 1): OutboxItem =>
  ({
    id,
    state,
    work: { op: 'report.quick', target: '', body: { id, t_ms, kind: 'fire', lat_deg: 25, lon_deg: 102 } },
    reasonZh: state === 'refused' ? '没有终端' : '',
    reasonEn: '',
  }) as unknown as OutboxItem;
const record = (id: string, changes: Partial<FieldReport>): FieldReport =>
  ({ id, kind: 'fire', text: '', seen_ms: 1, state: 'new', media_missing: [], answered_by: null, answered_ms: null, answer: '', ...changes }) as FieldReport;
const states = (items: OutboxItem[], records: FieldReport[]) =>
  Object.fromEntries(shownReports(items, records).map(({ id, state }) => [id, state]));

test('nothing is called received before the command post said so', () => {
  expect(states([item('a', 'waiting'), item('b', 'refused')], [])).toEqual({ a: 'waiting', b: 'refused' });
});

test('what the command post tells of a report counts, not what the outbox believes', () => {
  const told = [
    record('a', { media_missing: ['1'] }),
    record('b', {}),
    record('c', { state: 'accepted', answered_by: '王' }),
    record('d', { state: 'filed', answer: '烧秸秆' }),
  ];
  const items = ['a', 'b', 'c', 'd'].map((id) => item(id, 'sent'));
  expect(states(items, told)).toEqual({ a: 'pictures', b: 'received', c: 'accepted', d: 'filed' });
});

test('what was delivered and is not told of any more is over', () => {
  expect(shownReports([item('a', 'sent')], [])).toEqual([]);
});

test('the newest come first', () => {
  const shown = shownReports([item('a', 'waiting', 5)], [record('b', { seen_ms: 9 }), record('c', { seen_ms: 2 })]);
  expect(shown.map(({ id }) => id)).toEqual(['b', 'a', 'c']);
});
