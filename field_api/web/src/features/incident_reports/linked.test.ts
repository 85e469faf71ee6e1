import { describe, expect, test } from 'vitest';
import { linked, unsourced } from './linked';

const source = (phrase: string, id = phrase) => ({ phrase, topic: 'task', record_ids: [id], t_ms: null, by: '' });

describe('a section in pieces', () => {
  test('says of each phrase where it is from, and loses no letter', () => {
    const text = '失联3人、找到2人;死亡人数不详。';
    const pieces = linked(text, [source('失联3人'), source('找到2人')], [{ key: 'deaths', phrase: '死亡人数不详' }]);
    expect(pieces.map(({ kind }) => kind)).toEqual(['source', 'words', 'source', 'words', 'gap', 'words']);
    expect(pieces.map((piece) => piece.text).join('')).toBe(text);
  });

  test('takes the same phrase twice as two records, in order', () => {
    const pieces = linked('到场;到场', [source('到场', 'a'), source('到场', 'b')], []);
    expect(pieces.flatMap((p) => (p.kind === 'source' ? p.source.record_ids : []))).toEqual(['a', 'b']);
  });

  test('marks nothing that somebody has written over, and names figures without a record', () => {
    const pieces = linked('失联5人,找到2人', [source('失联3人'), source('找到2人')], []);
    expect(unsourced(pieces)).toEqual(['5']);
  });

  test('lets no phrase begin inside another', () => {
    const pieces = linked('任务12项', [source('任务12项'), source('2项')], []);
    expect(pieces.map((piece) => piece.text).join('')).toBe('任务12项');
    expect(unsourced(pieces)).toEqual([]);
  });
});
