import 'fake-indexeddb/auto';
import Dexie from 'dexie';
import { beforeEach, expect, test } from 'vitest';
import { TerminalDatabase } from '../outbox/database';
import { MOST_BYTES, TaskPictures } from './pictures';

let asked: string[];
let there: Map<string, Blob>;
let pictures: TaskPictures;

beforeEach(async () => {
  await Dexie.delete('pictures');
  asked = [];
  there = new Map([['a', new Blob(['a'])], ['big', new Blob([new Uint8Array(MOST_BYTES + 1)])]]);
  pictures = new TaskPictures(new TerminalDatabase('pictures'), async (sha256) => {
    asked.push(sha256);
    return there.get(sha256) ?? null;
  });
});

test('a picture is fetched once, and is here without a network', async () => {
  await pictures.keep([{ picture: 'a' }, { picture: null }]);
  there.clear();
  await pictures.keep([{ picture: 'a' }]);
  expect(asked).toEqual(['a']);
  expect(await pictures.get('a')).not.toBeNull();
});

test('what could not be fetched is asked for again', async () => {
  await pictures.keep([{ picture: 'later' }]);
  there.set('later', new Blob(['x']));
  await pictures.keep([{ picture: 'later' }]);
  expect(await pictures.get('later')).not.toBeNull();
});

test('what no task shows any more is let go, and large ones are not kept', async () => {
  await pictures.keep([{ picture: 'a' }, { picture: 'big' }]);
  expect(await pictures.get('big')).toBeNull();
  await pictures.keep([]);
  expect(await pictures.get('a')).toBeNull();
});
