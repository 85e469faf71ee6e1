import { afterEach, describe, expect, test, vi } from 'vitest';
import { ProcessRecorder } from './process.svelte';

vi.mock('../media-file', () => ({
  openMedia: () => Promise.resolve({ getTracks: () => [] }),
  recordFile: () => ({ done: Promise.resolve(new Blob(['piece'])), began_ms: 1, stop: () => {} }),
}));
vi.mock('../inspections/device-key', () => ({
  signedHere: () => Promise.resolve({ device_key: 'key', device_signature: 'signed' }),
}));

describe('a recording', () => {
  afterEach(() => vi.useRealTimers());

  test('stopped while a piece is being stored ends then, not ten seconds later', async () => {
    vi.useFakeTimers();
    const ops: string[] = [];
    let stored = () => {};
    const handheld = {
      mine: [],
      database: {},
      work: async ({ op }: { op: string }) => {
        ops.push(op);
        if (op === 'recording.piece' && ops.length === 2) await new Promise<void>((resolve) => (stored = resolve));
      },
    };
    const notes = { get: () => undefined, put: () => Promise.resolve(), drop: () => Promise.resolve() };
    const recorder = new ProcessRecorder(handheld as never, notes as never);
    const recorded = recorder.start('inspection-1', 'audio');
    await vi.advanceTimersByTimeAsync(10_000);
    await vi.waitFor(() => expect(ops).toEqual(['recording.begin', 'recording.piece']));
    recorder.stop();
    stored();
    await recorded;
    expect(ops).toEqual(['recording.begin', 'recording.piece', 'recording.piece', 'recording.end']);
  });
});
