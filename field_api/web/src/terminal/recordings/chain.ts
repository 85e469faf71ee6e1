/** The chain of a recording: each piece names the one before, so that none can be missing unseen. */
import { sha256Hex } from '$shared/sha256';

export interface Facts {
  n: number;
  sha256: string;
  began_ms: number;
  ended_ms: number;
  /** Link of the piece before, empty for the first. */
  previous: string;
}

/** The SHA-256 of a piece's facts, one a line; the command post makes the same. */
export const linkOf = (recordingId: string, { n, sha256, began_ms, ended_ms, previous }: Facts): Promise<string> =>
  sha256Hex(new TextEncoder().encode([recordingId, n, sha256, began_ms, ended_ms, previous].join('\n')));
