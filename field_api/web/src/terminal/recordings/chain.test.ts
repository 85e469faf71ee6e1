import { readFileSync } from 'node:fs';
import { expect, test } from 'vitest';
import { linkOf, type Facts } from './chain';

const VECTORS = new URL('../../../../../tests/vectors/recordings/chain.json', import.meta.url);
const vector = JSON.parse(readFileSync(VECTORS, 'utf8')) as {
  recording_id: string;
  pieces: (Facts & { link: string })[];
};

test('links are those of the command post', async () => {
  expect(vector.pieces.length).toBeGreaterThan(1);
  for (const piece of vector.pieces) expect(await linkOf(vector.recording_id, piece)).toBe(piece.link);
});
