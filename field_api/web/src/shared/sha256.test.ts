import { expect, test } from 'vitest';
import { sha256Hex } from './sha256';

const OF_ABC = 'ba7816bf8f01cfea414140de5dae2223b00361a396177a9cb410ff61f20015ad';

test('the hash is SHA-256 of the bytes of a file', async () => {
  expect(await sha256Hex(new Blob(['abc']))).toBe(OF_ABC);
});

test('the hash is SHA-256 of bytes', async () => {
  expect(await sha256Hex(new TextEncoder().encode('abc'))).toBe(OF_ABC);
});
