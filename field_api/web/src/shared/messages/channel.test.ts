import { expect, test } from 'vitest';
import type { Message, MessageMark } from '../api/records';
import { ofChannel, readersOf, unread } from './channel';

const message = (given: Partial<Message>): Message => ({
  id: 'm', version: 1, area: '', incident_id: 'i', task_id: null, text: 'x', media: [], voice: null,
  media_missing: [], lat_deg: null, lon_deg: null, said_ms: 1, received_ms: 1, author_id: 'duty',
  author: '值班员', author_terminal_id: null, ...given,
});
const mark = (given: Partial<MessageMark>): MessageMark => ({
  id: 'k', version: 1, area: '', incident_id: 'i', task_id: null, user_id: 'ht', name: '检查员',
  read_to_ms: 1, read_ms: 9, ...given,
});

test('a channel holds its own, in the order in which they came in', () => {
  const late = message({ id: 'b', received_ms: 2, said_ms: 1 });
  const first = message({ id: 'a', received_ms: 1, said_ms: 5 });
  const ofTask = message({ id: 'c', task_id: 't' });
  const elsewhere = message({ id: 'd', incident_id: 'j' });
  const all = [late, first, ofTask, elsewhere];
  expect(ofChannel(all, { incident_id: 'i' }).map((each) => each.id)).toEqual(['a', 'b']);
  expect(ofChannel(all, { incident_id: 'i', task_id: 't' })).toEqual([ofTask]);
});

test('unread is what others said after the mark of that very channel', () => {
  const all = [
    message({ id: 'read', received_ms: 1 }),
    message({ id: 'new', received_ms: 2 }),
    message({ id: 'own', received_ms: 3, author_id: 'ht' }),
    message({ id: 'task', received_ms: 1, task_id: 't' }),
  ];
  const marks = [mark({}), mark({ user_id: 'other', read_to_ms: 99 })];
  expect(unread(all, marks, 'ht').map((each) => each.id)).toEqual(['new', 'task']);
});

test('readers are those whose mark has reached it, never its author', () => {
  const said = message({ received_ms: 5 });
  const marks = [
    mark({ user_id: 'b', name: '乙', read_to_ms: 5, read_ms: 20 }),
    mark({ user_id: 'a', name: '甲', read_to_ms: 7, read_ms: 10 }),
    mark({ user_id: 'c', read_to_ms: 4 }),
    mark({ user_id: 'd', read_to_ms: 9, task_id: 't' }),
    mark({ user_id: 'duty', read_to_ms: 9 }),
  ];
  expect(readersOf(said, marks).map((each) => each.name)).toEqual(['甲', '乙']);
});
