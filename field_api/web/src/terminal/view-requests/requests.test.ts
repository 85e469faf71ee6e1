import { expect, test } from 'vitest';
import type { ViewRequest } from '$shared/api/records';
import type { OutboxItem } from '../outbox/database';
import { shownRequests } from './requests';

const record = (id: string, more: Partial<ViewRequest>): ViewRequest =>
  ({ id, purpose: 'fire', text: '', asked_ms: 1, inspection_id: null, state: 'waiting', taken_by: null, taken_ms: null, ended_by: null, ended_ms: null, answer: '', stills: [], ...more }) as ViewRequest;
const item = (op: 'view.ask' | 'view.withdraw', id: string, state: OutboxItem['state'], target = ''): OutboxItem =>
  ({ work: { op, target, body: { id, purpose: 'site', t_ms: 9, reason: '' } }, state, reasonZh: '已关闭', reasonEn: 'closed' }) as unknown as OutboxItem;

test('what waits here, what was refused on arrival and what was confirmed are told apart', () => {
  const records = [record('a', { state: 'taken', taken_by: '飞手', taken_ms: 5, asked_ms: 3 }), record('b', { asked_ms: 2 })];
  const items = [item('view.ask', 'c', 'waiting'), item('view.ask', 'd', 'refused'), item('view.ask', 'a', 'sent'), item('view.ask', 'e', 'sent')];
  const shown = shownRequests(items, records);
  expect(shown.map(({ id, state }) => [id, state])).toEqual([['c', 'unsent'], ['d', 'rejected'], ['a', 'taken'], ['b', 'waiting']]);
  expect(shown[1]!.reasonEn).toBe('closed');
  expect([shown[2]!.by, shown[2]!.atMs]).toEqual(['飞手', 5]);
});

test('one that is being taken back says so until the command post has heard; an answer stands', () => {
  const items = [item('view.withdraw', 'x', 'waiting', 'a'), item('view.withdraw', 'y', 'waiting', 'b')];
  const still = { sha256: 'f', taken_ms: 1, source: 'video', detection_id: null } as const;
  const [a, b] = shownRequests(items, [record('a', { asked_ms: 2 }), record('b', { state: 'answered', stills: [still], ended_by: '值班员' })]);
  expect([a!.state, b!.state, b!.stills, b!.by]).toEqual(['withdrawing', 'answered', ['f'], '值班员']);
});
