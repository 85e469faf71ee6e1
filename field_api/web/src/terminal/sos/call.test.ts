import { expect, test } from 'vitest';
import type { Sos } from '$shared/api/records';
import type { OutboxItem } from '../outbox/database';
import { newestCall } from './call';

const raise = (id: string, state: OutboxItem['state'], changes: Partial<OutboxItem> = {}): OutboxItem =>
  ({ id, state, tries: 1, sentMs: state === 'sent' ? 50 : null, reasonZh: '', reasonEn: '', work: { op: 'sos.raise', target: '', body: { id, t_ms: 10 } }, ...changes }) as unknown as OutboxItem;
const end = (target: string, state: OutboxItem['state'], reasonZh = ''): OutboxItem =>
  ({ id: `end-${target}-${state}`, state, tries: 1, sentMs: null, reasonZh, reasonEn: '', work: { op: 'sos.cancel', target, body: { id: 'e', t_ms: 20, reason: '误触' } } }) as unknown as OutboxItem;
const record = (id: string, changes: Partial<Sos> = {}): Sos =>
  ({ id, raised_ms: 10, state: 'raised', cancelled_by: null, cancelled_reason: '', ...changes }) as Sos;

test('a call that is only here is not called received', () => {
  expect(newestCall([raise('a', 'waiting')], [])?.state).toBe('waiting');
  expect(newestCall([raise('a', 'refused', { reasonZh: '没有终端' })], [])).toMatchObject({ state: 'refused', reasonZh: '没有终端' });
});

test('it is received once the command post has told of it', () => {
  expect(newestCall([raise('a', 'sent')], [record('a')])).toMatchObject({ state: 'received', receivedMs: 50 });
  expect(newestCall([], [record('a')])?.state).toBe('received');
});

test('an end that has not arrived is no end', () => {
  expect(newestCall([end('a', 'waiting'), raise('a', 'sent')], [record('a')])?.state).toBe('ending');
  expect(newestCall([end('a', 'waiting'), raise('a', 'waiting')], [])?.state).toBe('ending');
  const refused = [end('a', 'refused', '须写明理由'), raise('a', 'sent')];
  expect(newestCall(refused, [record('a')])).toMatchObject({ state: 'received', reasonZh: '须写明理由' });
});

test('who ended it is told, and a newer call comes before it', () => {
  const over = record('a', { state: 'cancelled', cancelled_by: '王', cancelled_reason: '已接回' });
  expect(newestCall([], [over])).toMatchObject({ state: 'ended', by: '王', reasonZh: '已接回' });
  expect(newestCall([], [over, record('b', { raised_ms: 99 })])).toMatchObject({ id: 'b', state: 'received' });
});

test('what was delivered and is not told of any more is over', () => {
  expect(newestCall([raise('a', 'sent')], [])).toBe(null);
});
