/** Where in a recording a moment lies. */
import type { FootageFile, FootageGap, StreamFootage } from '$shared/api/records';

export interface Missing {
  from_ms: number;
  to_ms: number;
  where: 'before' | 'after' | 'gap';
  cause: FootageGap['cause'];
}

/** Files follow each other with a picture's pause in between: nobody sees that as a gap. */
const JOINED_MS = 1500;

/** The file that has the picture shown at a moment; null in a gap. */
export function fileAt(files: readonly FootageFile[], t_ms: number): FootageFile | null {
  let low = 0;
  let high = files.length;
  while (low < high) {
    const middle = (low + high) >> 1;
    if (files[middle]!.began_ms <= t_ms) low = middle + 1;
    else high = middle;
  }
  const file = files[low - 1];
  if (!file) return null;
  if (t_ms < file.ended_ms) return file;
  const next = files[low];
  return next && next.began_ms - file.ended_ms <= JOINED_MS ? file : null;
}

export function nextOf(files: readonly FootageFile[], file: FootageFile): FootageFile | null {
  return files[files.indexOf(file) + 1] ?? null;
}

/** Why there is no picture of a moment; null where there is one. */
export function missingAt(stream: StreamFootage, t_ms: number): Missing | null {
  const { files, gaps } = stream;
  const [first, last] = [files[0], files.at(-1)];
  if (!first || !last || fileAt(files, t_ms)) return null;
  const told = gaps.find((gap) => gap.began_ms <= t_ms && t_ms < gap.ended_ms);
  const cause = told?.cause ?? null;
  if (t_ms < first.began_ms) return { from_ms: t_ms, to_ms: first.began_ms, where: 'before', cause };
  if (t_ms >= last.ended_ms) return { from_ms: last.ended_ms, to_ms: t_ms, where: 'after', cause };
  const after = files.find((file) => file.began_ms > t_ms)!;
  const before = files[files.indexOf(after) - 1]!;
  return { from_ms: before.ended_ms, to_ms: after.began_ms, where: 'gap', cause };
}

/** Stretches with pictures. */
function joined(files: readonly FootageFile[]): StreamFootage['spans'] {
  const spans: { began_ms: number; ended_ms: number }[] = [];
  for (const { began_ms, ended_ms } of files) {
    const last = spans.at(-1);
    if (last && began_ms - last.ended_ms <= JOINED_MS) last.ended_ms = Math.max(last.ended_ms, ended_ms);
    else spans.push({ began_ms, ended_ms });
  }
  return spans;
}

/** Later pages behind earlier ones, each file once; a file that grew is taken as it is now. */
export function merged(known: readonly StreamFootage[], more: readonly StreamFootage[]): StreamFootage[] {
  const streams = new Map(known.map((stream) => [stream.stream_id, stream]));
  for (const stream of more) {
    const before = streams.get(stream.stream_id);
    const files = new Map((before?.files ?? []).map((file) => [file.id, file]));
    for (const file of stream.files) files.set(file.id, file);
    const ordered = [...files.values()].sort((a, b) => a.began_ms - b.began_ms);
    const gaps = new Map((before?.gaps ?? []).map((gap) => [gap.began_ms, gap]));
    for (const gap of stream.gaps) gaps.set(gap.began_ms, gap);
    streams.set(stream.stream_id, {
      ...stream,
      files: ordered,
      spans: joined(ordered),
      gaps: [...gaps.values()].filter((gap) => !fileAt(ordered, gap.began_ms + 1)),
    });
  }
  return [...streams.values()].sort((a, b) => a.stream_id.localeCompare(b.stream_id));
}
