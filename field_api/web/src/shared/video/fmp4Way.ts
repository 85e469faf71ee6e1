/** MP4 fragments over a WebSocket into a media element: works where neither other way does. */
import { socketUrl } from '../api/client';
import { canShowFrames, eachFrame, hiddenVideo, type ShownFrame } from './mediaFrames';
import { SeenCount } from './seenCount';
import type { Size, Way, WayEvents, WayKind } from './ways';

interface Begin {
  codec: string;
  base_90k: number;
  base_t_ms: number;
}

/** Behind the newest picture by this much there is always one to show. */
const TARGET_MS = 45;
const FASTER = 1.1;
/** Until it is as far behind as its boxes want. */
const SLOWER = 0.9;
/** Further behind than this above the target, the picture jumps instead of hurrying. */
const JUMP_MS = 400;
const KEPT_S = 10;

class Fmp4Way implements Way {
  readonly #socket: WebSocket;
  readonly #seen: SeenCount;
  readonly #video = hiddenVideo();
  readonly #stopFrames: () => void;
  #source: MediaSource | null = null;
  #buffer: SourceBuffer | null = null;
  #waiting: ArrayBuffer[] = [];
  #begin: Begin | null = null;
  #address = '';
  #delayMs = 0;
  #closed = false;

  constructor(
    streamId: string,
    size: Size,
    private readonly events: WayEvents,
  ) {
    this.#stopFrames = eachFrame(this.#video, (frame) => this.#show(frame));
    const socket = new WebSocket(socketUrl(`/video/${encodeURIComponent(streamId)}/play?form=fmp4&size=${size}`));
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    this.#seen = new SeenCount(socket);
    socket.onopen = () => this.events.heard();
    socket.onmessage = (event: MessageEvent<string | ArrayBuffer>) => {
      this.events.heard();
      if (typeof event.data === 'string') this.#beginAnew(JSON.parse(event.data) as Begin);
      else this.#receive(event.data);
    };
    socket.onclose = () => {
      if (!this.#closed) this.events.lost();
    };
  }

  delay(ms: number): void {
    this.#delayMs = ms;
  }

  close(): void {
    this.#closed = true;
    this.#seen.close();
    this.#socket.close();
    this.#stopFrames();
    this.#video.removeAttribute('src');
    this.#video.load();
    URL.revokeObjectURL(this.#address);
  }

  #beginAnew(begin: Begin): void {
    URL.revokeObjectURL(this.#address);
    const source = new MediaSource();
    this.#begin = begin;
    this.#source = source;
    this.#buffer = null;
    this.#waiting = [];
    const type = `video/mp4; codecs="${begin.codec}"`;
    if (!MediaSource.isTypeSupported(type)) {
      this.events.failed();
      return;
    }
    source.addEventListener('sourceopen', () => {
      if (this.#source !== source) return;
      const buffer = source.addSourceBuffer(type);
      buffer.addEventListener('updateend', () => this.#appended(buffer));
      this.#buffer = buffer;
      this.#append();
    });
    this.#address = URL.createObjectURL(source);
    this.#video.src = this.#address;
    void this.#video.play().catch(() => undefined);
  }

  #receive(data: ArrayBuffer): void {
    this.#seen.count();
    this.events.arrived(null);
    this.#waiting.push(data);
    this.#append();
  }

  #append(): void {
    const buffer = this.#buffer;
    if (!buffer || buffer.updating || !this.#waiting.length || this.#source?.readyState !== 'open') return;
    const parts = this.#waiting;
    this.#waiting = [];
    const whole = new Uint8Array(parts.reduce((size, part) => size + part.byteLength, 0));
    let at = 0;
    for (const part of parts) {
      whole.set(new Uint8Array(part), at);
      at += part.byteLength;
    }
    try {
      buffer.appendBuffer(whole);
    } catch {
      // A buffer that is full or a source that ended: begin anew over a new connection.
      this.#socket.close();
    }
  }

  #appended(buffer: SourceBuffer): void {
    if (this.#buffer !== buffer || !buffer.buffered.length) return;
    const video = this.#video;
    const end = buffer.buffered.end(buffer.buffered.length - 1);
    const behindMs = (end - video.currentTime) * 1000 - this.#delayMs;
    if (behindMs > JUMP_MS || video.currentTime < buffer.buffered.start(0)) {
      video.currentTime = Math.max(buffer.buffered.start(buffer.buffered.length - 1), end - (TARGET_MS + this.#delayMs) / 1000);
    }
    const tooClose = this.#delayMs > 0 && behindMs < TARGET_MS / 2;
    video.playbackRate = behindMs > TARGET_MS * 2 ? FASTER : tooClose ? SLOWER : 1;
    const old = video.currentTime - KEPT_S;
    if (old > buffer.buffered.start(0) + KEPT_S) buffer.remove(0, old);
    else this.#append();
  }

  #show(frame: ShownFrame): void {
    const begin = this.#begin;
    if (!begin) return;
    const media_90k = Math.round(frame.mediaTime * 90_000);
    this.events.picture({
      image: frame.image,
      width: frame.width,
      height: frame.height,
      pts_90k: begin.base_90k + media_90k,
      t_ms: begin.base_t_ms + media_90k / 90,
    });
  }
}

export const fmp4Way: WayKind = {
  can: () => typeof MediaSource !== 'undefined' && canShowFrames(),
  open: (streamId, size, events) => new Fmp4Way(streamId, size, events),
};
