/** A section's text cut into pieces: phrases that name their record, gaps, and the words between. Pure. */
import type { ReportGap, ReportSource } from '$shared/api/records';

export type Piece =
  | { kind: 'words'; text: string }
  | { kind: 'source'; text: string; source: ReportSource }
  | { kind: 'gap'; text: string };

interface Mark {
  from: number;
  piece: Exclude<Piece, { kind: 'words' }>;
}

/**
 * Each phrase is looked for after the one before, as the draft put them in order; one that somebody
 * has written over is no longer found and marks nothing.
 */
export function linked(text: string, sources: readonly ReportSource[], gaps: readonly ReportGap[]): Piece[] {
  const marks: Mark[] = [];
  let at = 0;
  for (const source of sources) {
    const from = text.indexOf(source.phrase, at);
    const found = from >= 0 ? from : text.indexOf(source.phrase);
    if (found < 0) continue;
    marks.push({ from: found, piece: { kind: 'source', text: source.phrase, source } });
    at = found + source.phrase.length;
  }
  for (const { phrase } of gaps) {
    const from = text.indexOf(phrase);
    if (from >= 0) marks.push({ from, piece: { kind: 'gap', text: phrase } });
  }
  marks.sort((a, b) => a.from - b.from || b.piece.text.length - a.piece.text.length);
  const pieces: Piece[] = [];
  let end = 0;
  for (const { from, piece } of marks) {
    if (from < end) continue;
    if (from > end) pieces.push({ kind: 'words', text: text.slice(end, from) });
    pieces.push(piece);
    end = from + piece.text.length;
  }
  if (end < text.length) pieces.push({ kind: 'words', text: text.slice(end) });
  return pieces;
}

/** Figures that no record stands behind: somebody wrote them. */
export function unsourced(pieces: readonly Piece[]): string[] {
  return pieces.flatMap((piece) => (piece.kind === 'words' ? (piece.text.match(/\d+(?:[.,]\d+)*/g) ?? []) : []));
}
