/**
 * Plays a stream's files of a minute in step with a clock that somebody else drives.
 *
 * Media time 0 is the begin of the first file, so capture times and media times differ by a constant
 * whatever gaps there are. Up to double speed whole files are fetched a few seconds ahead by Range;
 * faster, files of key frames only, which any machine decodes at sixteen times their speed.
 */
import { API, authorisation } from '$shared/api/client';
import type { FootageFile, FootageIndex } from '$shared/api/records';
import { fileAt, nextOf } from './spans';

export interface Shown {
  file: FootageFile;
  pts_90k: number;
  t_ms: number;
}

const FAST_FROM = 4;
const AHEAD_S = 6;
const KEPT_S = 20;
const WATCH_MS = 100;
const RETRY_MS = 2000;
/** Paused, the very picture; playing, what the rate can make good. */
const STRAY_PAUSED_S = 0.02;
const STRAY_PLAYING_S = 0.7;

const mime = (file: FootageFile): string => `video/mp4; codecs="${file.codec}"`;

export const canPlayRecorded = (): boolean =>
  typeof MediaSource !== 'undefined' && MediaSource.isTypeSupported('video/mp4; codecs="avc1.42e01f"');

async function bytes(path: string, range?: [number, number]): Promise<ArrayBuffer> {
  const headers = { ...authorisation(), ...(range ? { Range: `bytes=${range[0]}-${range[1] - 1}` } : {}) };
  const answer = await fetch(API + path, { headers, credentials: 'same-origin' });
  if (!answer.ok) throw new Error(`${answer.status}`);
  const body = await answer.arrayBuffer();
  // A file that is still being written is given whole: there is no Range of what grows.
  return range && answer.status === 200 ? body.slice(range[0], range[1]) : body;
}

export class RecordedPlayer {
  #media: MediaSource | null = null;
  #buffer: SourceBuffer | null = null;
  #files: readonly FootageFile[] = [];
  #origin_ms = 0;
  #t_ms = 0;
  #playing = false;
  #rate = 1;
  #fast = false;
  /** The buffer that is being filled; one that was dropped meanwhile never says that it is done. */
  #loading: SourceBuffer | null = null;
  #closed = false;
  #type = '';
  /** Of which file the buffer was given the head last. */
  #head = '';
  /** How much of each file is in the buffer: its pieces from .. to; all of it in fast motion. */
  #loaded = new Map<string, [number, number]>();
  #indexes = new Map<string, FootageIndex>();
  readonly #watching = setInterval(() => this.#follow(), WATCH_MS);

  constructor(
    private readonly video: HTMLVideoElement,
    private readonly onShown: (shown: Shown | null) => void,
    private readonly onProblem: (why: string | null) => void,
  ) {
    video.muted = true;
    this.#frame();
  }

  /** Plays these files, in order of time; more of them may come, of the same stream. */
  play(files: readonly FootageFile[]): void {
    const same = files[0]?.id === this.#files[0]?.id;
    this.#files = files;
    if (!same) this.#begin();
    // What was being written when it was looked at last has more pieces now.
    for (const file of files) if (!file.whole) this.#indexes.delete(file.id);
  }

  follow(t_ms: number, playing: boolean, rate: number): void {
    this.#t_ms = t_ms;
    this.#playing = playing;
    this.#rate = rate;
    // Who stops to look wants the very picture, not the key frame before it.
    const fast = playing && rate >= FAST_FROM;
    if (fast !== this.#fast) {
      this.#fast = fast;
      this.#begin();
    }
    this.#follow();
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#watching);
    this.#drop();
  }

  #drop(): void {
    if (this.video.src) URL.revokeObjectURL(this.video.src);
    this.#media = this.#buffer = null;
    this.video.removeAttribute('src');
    this.video.load();
    this.#loaded.clear();
    this.#head = '';
  }

  #begin(): void {
    this.#drop();
    const first = this.#files[0];
    if (!first || this.#closed) return;
    this.#origin_ms = first.began_ms;
    const media = new MediaSource();
    this.#media = media;
    media.addEventListener(
      'sourceopen',
      () => {
        if (this.#media !== media) return;
        this.#type = mime(first);
        this.#buffer = media.addSourceBuffer(this.#type);
        this.#follow();
      },
      { once: true },
    );
    this.video.src = URL.createObjectURL(media);
  }

  get #want_s(): number {
    return (this.#t_ms - this.#origin_ms) / 1000;
  }

  /** Keeps the element at the moment that is wanted, and pictures ahead of it. */
  #follow(): void {
    if (this.#closed || !this.#buffer) return;
    const file = fileAt(this.#files, this.#t_ms);
    if (!file) {
      if (!this.video.paused) this.video.pause();
      return;
    }
    if (this.#loading !== this.#buffer) void this.#load(file, this.#buffer);
    // Before it knows what it plays, the element takes a time and forgets it.
    if (this.video.readyState < HTMLMediaElement.HAVE_METADATA) return;
    const stray = this.video.currentTime - this.#want_s;
    const most = this.#playing ? STRAY_PLAYING_S * Math.max(1, this.#rate / 2) : STRAY_PAUSED_S;
    // A seek to where nothing is yet never ends: pictures first, and then to where they are wanted now.
    const ends = this.video.seeking && this.#has(this.video.currentTime);
    if (Math.abs(stray) > most && !ends && this.#has(this.#want_s)) this.video.currentTime = this.#want_s;
    if (this.#playing) {
      // A little faster or slower makes good what loading or a busy page cost.
      const rate = this.#rate * (1 - Math.max(-0.25, Math.min(0.25, stray / Math.max(1, this.#rate))));
      this.video.playbackRate = Math.max(0.0625, Math.min(16, rate));
      if (this.video.paused) void this.video.play().catch(() => undefined);
    } else if (!this.video.paused) this.video.pause();
  }

  #has(time_s: number): boolean {
    const { buffered } = this.video;
    for (let n = 0; n < buffered.length; n += 1) {
      if (buffered.start(n) <= time_s && time_s < buffered.end(n)) return true;
    }
    return false;
  }

  async #load(file: FootageFile, buffer: SourceBuffer): Promise<void> {
    this.#loading = buffer;
    try {
      let wanted: FootageFile | null = file;
      let ahead_s = AHEAD_S * (this.#playing ? this.#rate : 1);
      while (wanted && ahead_s > 0 && this.#buffer === buffer) {
        const from_s = (Math.max(this.#t_ms, wanted.began_ms) - wanted.began_ms) / 1000;
        await (this.#fast
          ? this.#loadKeys(wanted, buffer)
          : this.#loadPieces(wanted, buffer, from_s, from_s + ahead_s));
        ahead_s -= (wanted.ended_ms - wanted.began_ms) / 1000 - from_s;
        wanted = nextOf(this.#files, wanted);
      }
      await this.#forget(buffer);
      this.onProblem(null);
    } catch (caught) {
      if (this.#buffer === buffer && !this.#closed) {
        this.onProblem(caught instanceof Error ? caught.message : String(caught));
        await new Promise((done) => setTimeout(done, RETRY_MS));
      }
    } finally {
      if (this.#loading === buffer) this.#loading = null;
    }
  }

  async #loadKeys(file: FootageFile, buffer: SourceBuffer): Promise<void> {
    if (this.#loaded.has(file.id)) return;
    const data = await bytes(`/footage/files/${file.id}/keys`);
    if (await this.#append(file, buffer, data)) this.#loaded.set(file.id, [0, Infinity]);
  }

  async #loadPieces(file: FootageFile, buffer: SourceBuffer, from_s: number, to_s: number): Promise<void> {
    let index = this.#indexes.get(file.id);
    if (!index) {
      index = JSON.parse(new TextDecoder().decode(await bytes(`/footage/files/${file.id}/index`))) as FootageIndex;
      this.#indexes.set(file.id, index);
    }
    const { pieces } = index;
    const loaded = this.#loaded.get(file.id);
    let first = 0;
    let last = 0;
    pieces.forEach((piece, n) => {
      if (piece.keyframe && piece.pts_90k <= from_s * 90_000) first = n;
      if (piece.pts_90k < to_s * 90_000) last = n + 1;
    });
    // Whole groups of pictures: what comes next begins with a key frame, whatever came in between.
    while (last < pieces.length && !pieces[last]!.keyframe) last += 1;
    const joins = loaded !== undefined && loaded[0] <= first && first <= loaded[1];
    if (joins) {
      first = loaded[1];
      // Not piece by piece: the half that is left is time enough to fetch the next ones.
      const next = pieces[first];
      if (next && next.pts_90k > ((from_s + to_s) / 2) * 90_000) return;
    }
    if (first >= last) return;
    const until = pieces[last - 1]!;
    const path = `/footage/files/${file.id}`;
    const data = await bytes(path, [pieces[first]!.start, until.start + until.size]);
    // A head lets a buffer take nothing before the next key frame: one for each file.
    const goesOn = joins && this.#head === file.id;
    if (!goesOn) {
      const head = await bytes(path, [0, index.head_bytes]);
      if (!(await this.#append(file, buffer, head))) return;
      this.#head = file.id;
    }
    if (await this.#append(file, buffer, data)) this.#loaded.set(file.id, [joins ? loaded[0] : first, last]);
  }

  /** Whether it was appended: not where another buffer has taken this one's place meanwhile. */
  async #append(file: FootageFile, buffer: SourceBuffer, data: ArrayBuffer): Promise<boolean> {
    if (this.#buffer !== buffer || this.#media?.readyState !== 'open') return false;
    if (this.#type !== mime(file)) {
      this.#type = mime(file);
      buffer.changeType(this.#type);
    }
    buffer.timestampOffset = (file.began_ms - this.#origin_ms) / 1000;
    buffer.appendBuffer(data);
    await this.#settled(buffer);
    return this.#buffer === buffer;
  }

  /** Gives back whole files far behind the moment: of one that is forgotten nothing counts as loaded. */
  async #forget(buffer: SourceBuffer): Promise<void> {
    const { buffered } = this.video;
    const kept_s = KEPT_S * Math.max(1, this.#rate);
    if (this.#buffer !== buffer || !buffered.length || buffered.start(0) > this.#want_s - 2 * kept_s) return;
    const gone = this.#files.filter(
      (file) => this.#loaded.has(file.id) && file.ended_ms < this.#t_ms - kept_s * 1000,
    );
    const end = gone.at(-1);
    if (!end) return;
    for (const file of gone) this.#loaded.delete(file.id);
    buffer.remove(0, (end.ended_ms - this.#origin_ms) / 1000);
    await this.#settled(buffer);
  }

  #settled(buffer: SourceBuffer): Promise<void> {
    if (!buffer.updating) return Promise.resolve();
    return new Promise((done, fail) => {
      const end = () => {
        buffer.removeEventListener('error', broken);
        done();
      };
      const broken = () => fail(new Error(this.video.error?.message ?? 'SourceBuffer'));
      buffer.addEventListener('updateend', end, { once: true });
      buffer.addEventListener('error', broken, { once: true });
    });
  }

  /** Tells of every picture that comes on the screen which one it is. */
  #frame(): void {
    this.video.requestVideoFrameCallback((_now, { mediaTime }) => {
      if (this.#closed) return;
      const t_ms = this.#origin_ms + mediaTime * 1000;
      // Half a picture on: times in seconds are a little before or after the tick they stand for.
      const file = fileAt(this.#files, t_ms + 1);
      if (file) {
        const ticks = Math.round((t_ms - file.began_ms) * 90);
        this.onShown({ file, pts_90k: file.first_pts_90k + ticks, t_ms: Math.round(t_ms) });
      }
      this.#frame();
    });
  }
}
