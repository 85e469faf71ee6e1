import { expect, test } from 'vitest';
import type { FootageFile, StreamFootage } from '$shared/api/records';
import { fileAt, merged, missingAt, nextOf } from './spans';

const file = (began_ms: number, ended_ms: number, whole = true): FootageFile => ({
  id: `f${began_ms}`,
  stream_id: 'cam',
  vehicle_id: 'U1',
  began_ms,
  ended_ms,
  whole,
  cut_off: false,
  first_pts_90k: 0,
  codec: 'avc1.42c01f',
  width: 1280,
  height: 720,
  size_bytes: 1,
  sha256: '',
});

const stream = (files: FootageFile[], gaps: StreamFootage['gaps'] = []): StreamFootage => ({
  stream_id: 'cam',
  vehicle_id: 'U1',
  files,
  spans: [],
  gaps,
});

const FILES = [file(0, 60_000), file(60_040, 119_000), file(180_000, 200_000)];

test('a moment is in the file that was being written then', () => {
  expect(fileAt(FILES, -1)).toBeNull();
  expect(fileAt(FILES, 0)?.id).toBe('f0');
  expect(fileAt(FILES, 59_999)?.id).toBe('f0');
  expect(fileAt(FILES, 60_020)?.id).toBe('f0');
  expect(fileAt(FILES, 60_040)?.id).toBe('f60040');
  expect(fileAt(FILES, 119_000)).toBeNull();
  expect(fileAt(FILES, 180_000)?.id).toBe('f180000');
  expect(fileAt(FILES, 200_000)).toBeNull();
  expect(fileAt([], 0)).toBeNull();
  expect(nextOf(FILES, FILES[0]!)).toBe(FILES[1]);
  expect(nextOf(FILES, FILES[2]!)).toBeNull();
});

test('what is missing is said with its ends and its cause', () => {
  const one = stream(FILES, [{ began_ms: 119_000, ended_ms: 180_000, cause: 'disk_low' }]);
  expect(missingAt(one, 30_000)).toBeNull();
  expect(missingAt(one, 60_020)).toBeNull();
  expect(missingAt(one, 150_000)).toEqual({ from_ms: 119_000, to_ms: 180_000, where: 'gap', cause: 'disk_low' });
  expect(missingAt(one, -5000)).toMatchObject({ where: 'before', to_ms: 0 });
  expect(missingAt(one, 300_000)).toMatchObject({ where: 'after', from_ms: 200_000 });
});

test('pages are put together, and a file that grew replaces what was known of it', () => {
  const first = [stream([file(0, 60_000), file(60_040, 70_000, false)], [])];
  const more = [stream([file(60_040, 119_000), file(180_000, 200_000)], [{ began_ms: 119_000, ended_ms: 180_000, cause: null }])];
  const [all] = merged(first, more);
  expect(all!.files.map((one) => [one.began_ms, one.ended_ms])).toEqual([[0, 60_000], [60_040, 119_000], [180_000, 200_000]]);
  expect(all!.gaps).toHaveLength(1);
  expect(all!.spans).toEqual([{ began_ms: 0, ended_ms: 119_000 }, { began_ms: 180_000, ended_ms: 200_000 }]);
  // A gap that was only the end of what there was so far is none any more.
  const [later] = merged([all!], [stream([file(119_040, 179_990)])]);
  expect(later!.gaps).toEqual([]);
  expect(merged([], more)).toHaveLength(1);
});
