/**
 * Records an inspection from its begin to its end, in pieces that are files of their own: each is on
 * disk and in the outbox before the next one ends, so that a killed page loses no more than one.
 */
import { newId } from '$shared/ids';
import { sha256Hex } from '$shared/sha256';
import type { Handheld } from '../handheld.svelte';
import { signedHere } from '../inspections/device-key';
import type { Notes } from '../inspections/notes.svelte';
import { isFull, storage } from '../storage.svelte';
import { openMedia, recordFile, type MediaFile, type MediaKind, type MediaProblem } from '../media-file';
import { linkOf } from './chain';

export const PIECE_MS = 10_000;
const NOTE = 'recording';
/** Why it does not record (any more): forbidden, no device or plain HTTP, taken by another program, no room. */
export type ProcessProblem = MediaProblem | 'taken' | 'full';

interface Going {
  id: string;
  inspection_id: string;
  kind: MediaKind;
  /** Pieces so far, and the last one's link. */
  n: number;
  link: string;
  begun_ms: number;
}

export class ProcessRecorder {
  going = $state.raw<Going | null>(null);
  problem = $state<ProcessProblem | null>(null);
  /** Ends the piece under way. */
  #cut: (() => void) | null = null;
  #stopping = false;

  constructor(
    private readonly handheld: Handheld,
    private readonly notes: Notes,
  ) {}

  /** The page was killed while it recorded: say how far it came. */
  async resume(): Promise<void> {
    const left = this.notes.get<Going>(NOTE);
    if (!left || this.going) return;
    const last = this.handheld.mine
      .flatMap(({ work }) => (work.op === 'recording.piece' && work.target === left.id ? [work.body] : []))
      .reduce((a, b) => (b.n > a.n ? b : a), { n: left.n, link: left.link });
    await this.#end({ ...left, n: last.n, link: last.link }, true);
  }

  async start(inspectionId: string, kind: MediaKind): Promise<void> {
    if (this.going) return;
    this.problem = null;
    const stream = await openMedia(kind);
    if (typeof stream === 'string') {
      this.problem = stream;
      return;
    }
    try {
      const id = newId();
      const begun_ms = Date.now();
      const { device_key } = await signedHere(this.handheld.database, id);
      this.going = { id, inspection_id: inspectionId, kind, n: 0, link: '', begun_ms };
      await this.notes.put(NOTE, this.going);
      const body = { id, t_ms: begun_ms, inspection_id: inspectionId, kind, device_key };
      await this.handheld.work({ op: 'recording.begin', target: '', body });
      await this.#pieces(stream);
      await this.#end(this.going, false);
    } catch (problem) {
      if (!isFull(problem)) throw problem;
      storage.full = true;
      this.problem = 'full';
      // What is stored is sent; the end is told when the page opens again and there is room.
      this.going = null;
    } finally {
      stream.getTracks().forEach((track) => track.stop());
      this.#cut = null;
    }
  }

  /** End it; the piece under way is kept. */
  stop = (): void => {
    this.#stopping = true;
    this.#cut?.();
  };

  /** The next piece begins before the last one ends: nothing is lost between them. */
  async #pieces(stream: MediaStream): Promise<void> {
    this.#stopping = false;
    for (const track of stream.getTracks()) {
      track.addEventListener('ended', () => {
        this.problem = 'taken';
        this.stop();
      });
    }
    const begin = () => recordFile(stream, this.going!.kind);
    let piece = begin();
    for (;;) {
      // Stopped while the last piece was being stored: this one ends here, not in ten seconds.
      if (!this.#stopping)
        await new Promise<void>((done) => {
          this.#cut = done;
          setTimeout(done, PIECE_MS);
        });
      const over = this.#stopping;
      const next = over ? null : begin();
      piece.stop();
      await this.#keep(piece);
      if (!next) return;
      piece = next;
    }
  }

  async #keep({ done, began_ms }: MediaFile): Promise<void> {
    const picture = await done;
    const going = this.going!;
    if (!picture.size) return;
    const facts = { n: going.n + 1, sha256: await sha256Hex(picture), began_ms, ended_ms: Date.now(), previous: going.link };
    const link = await linkOf(going.id, facts);
    const { device_signature } = await signedHere(this.handheld.database, link);
    const { sha256, ...said } = facts;
    await this.handheld.work(
      { op: 'recording.piece', target: going.id, body: { id: newId(), ...said, media: [sha256], link, device_signature } },
      [{ sha256, picture, takenMs: began_ms, uploaded: 0, role: 'piece' }],
    );
    this.going = { ...going, n: facts.n, link };
    await this.notes.put(NOTE, this.going);
  }

  async #end({ id, n, link }: Going, cut: boolean): Promise<void> {
    const body = { id: newId(), t_ms: Date.now(), pieces: n, last_link: link, cut };
    await this.handheld.work({ op: 'recording.end', target: id, body });
    await this.notes.drop(NOTE);
    this.going = null;
  }
}
