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
import { linkOf } from './chain';

export const PIECE_MS = 10_000;
const NOTE = 'recording';
const SOUND_BITS = 24_000;
/** Faces and what is said are told apart; an hour is about 200 MB. */
const PICTURE_BITS = 400_000;
const TYPES = {
  audio: ['audio/webm;codecs=opus', 'audio/mp4', 'audio/ogg;codecs=opus'],
  video: ['video/webm;codecs=vp8,opus', 'video/mp4', 'video/webm'],
};

export type Kind = 'audio' | 'video';
/** Why it does not record (any more): forbidden, no device or plain HTTP, taken by another program, no room. */
export type ProcessProblem = 'denied' | 'none' | 'taken' | 'full';

interface Going {
  id: string;
  inspection_id: string;
  kind: Kind;
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

  async start(inspectionId: string, kind: Kind): Promise<void> {
    if (this.going) return;
    this.problem = null;
    let stream: MediaStream;
    try {
      if (!navigator.mediaDevices || typeof MediaRecorder === 'undefined') throw new TypeError('no recorder');
      const video = { facingMode: 'environment', width: 640, height: 480, frameRate: 15 };
      stream = await navigator.mediaDevices.getUserMedia({ audio: true, ...(kind === 'video' ? { video } : {}) });
    } catch (problem) {
      const denied = problem instanceof DOMException && ['NotAllowedError', 'SecurityError'].includes(problem.name);
      this.problem = denied ? 'denied' : 'none';
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
    let piece = this.#piece(stream);
    for (;;) {
      await new Promise<void>((done) => {
        this.#cut = done;
        setTimeout(done, PIECE_MS);
      });
      const over = this.#stopping;
      const next = over ? null : this.#piece(stream);
      await this.#keep(await piece.end(), piece.began_ms);
      if (!next) return;
      piece = next;
    }
  }

  #piece(stream: MediaStream) {
    const { kind } = this.going!;
    const mimeType = TYPES[kind].find((type) => MediaRecorder.isTypeSupported(type));
    const bits = { audioBitsPerSecond: SOUND_BITS, ...(kind === 'video' ? { videoBitsPerSecond: PICTURE_BITS } : {}) };
    const recorder = new MediaRecorder(stream, { ...(mimeType ? { mimeType } : {}), ...bits });
    const parts: Blob[] = [];
    const stopped = new Promise<void>((done) => {
      recorder.ondataavailable = ({ data }) => data.size && parts.push(data);
      recorder.onstop = () => done();
      recorder.onerror = () => done();
    });
    recorder.start();
    return {
      began_ms: Date.now(),
      end: async (): Promise<Blob> => {
        if (recorder.state !== 'inactive') recorder.stop();
        await stopped;
        // Without parameters: a file's type, not the recorder's.
        return new Blob(parts, { type: (recorder.mimeType || mimeType || `${kind}/webm`).split(';')[0]! });
      },
    };
  }

  async #keep(picture: Blob, began_ms: number): Promise<void> {
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
