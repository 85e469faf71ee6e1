/**
 * Live video: H.264 access units from a WebSocket through WebCodecs to a canvas, with the
 * detector's boxes on the frames they belong to. Reconnects by itself; a frozen stream is noticed
 * within three seconds.
 */
import { socketUrl } from '../api/client';
import type { BoxTrack } from './boxTrack';
import { drawBoxes } from './drawBoxes';
import { readPacket } from './packet';
import { PlayoutClock } from './playout';

export type PlayerState = 'connecting' | 'waiting' | 'playing' | 'stalled' | 'unsupported';

export interface PlayerStatus {
  state: PlayerState;
  framesDrawn: number;
  framesPerS: number;
  boxesDrawn: number;
  /** Of the frame on screen. */
  t_ms: number | null;
  pts_90k: number | null;
  ageMs: number | null;
}

export interface Still {
  picture: Blob;
  t_ms: number;
}

interface Due {
  frame: VideoFrame;
  pts_90k: number;
  t_ms: number;
  dueMs: number;
}

const STALL_MS = 3000;
const RECONNECT_MS = [300, 1000, 2000, 4000];
const MOST_FRAMES_KEPT = 40;
const REPORT_EVERY_MS = 500;
const JPEG_QUALITY = 0.92;

export const canPlay = (): boolean => typeof VideoDecoder !== 'undefined';

export class StreamPlayer {
  #socket: WebSocket | null = null;
  #decoder: VideoDecoder | null = null;
  #config: VideoDecoderConfig | null = null;
  #needKey = true;
  #frames: Due[] = [];
  #inDecoder = new Map<number, { pts_90k: number; t_ms: number }>();
  #clock: PlayoutClock;
  #tries = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  #wake: ReturnType<typeof setTimeout> | undefined;
  #animation = 0;
  #wanted: ((picture: Still) => void) | null = null;
  readonly #reporting: ReturnType<typeof setInterval> | undefined;
  #closed = false;
  #lastPacketMs = performance.now();
  #reportedMs = 0;
  #drawnAtReport = 0;
  #status: PlayerStatus = {
    state: 'connecting',
    framesDrawn: 0,
    framesPerS: 0,
    boxesDrawn: 0,
    t_ms: null,
    pts_90k: null,
    ageMs: null,
  };

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly streamId: string,
    private readonly boxes: BoxTrack,
    private readonly onStatus: (status: PlayerStatus) => void,
    delayMs = 350,
  ) {
    this.#clock = new PlayoutClock(delayMs);
    if (!canPlay()) {
      this.#say('unsupported');
      return;
    }
    this.#connect();
    this.#reporting = setInterval(() => this.#watch(performance.now()), REPORT_EVERY_MS);
  }

  /** The next frame as the camera sent it, in its full size and without the detector's marks. */
  still(): Promise<Still> {
    return new Promise((done) => (this.#wanted = done));
  }

  close(): void {
    this.#closed = true;
    cancelAnimationFrame(this.#animation);
    clearTimeout(this.#wake);
    clearInterval(this.#reporting);
    clearTimeout(this.#retry);
    this.#socket?.close();
    this.#dropDecoder();
  }

  #say(state: PlayerState): void {
    if (this.#status.state === state) return;
    this.#status = { ...this.#status, state };
    this.onStatus(this.#status);
  }

  #connect(): void {
    const socket = new WebSocket(socketUrl(`/video/${encodeURIComponent(this.streamId)}/play`));
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    this.#lastPacketMs = performance.now();
    socket.onopen = () => this.#say('waiting');
    socket.onmessage = (event: MessageEvent<string | ArrayBuffer>) => {
      if (typeof event.data === 'string') this.#configure(event.data);
      else this.#receive(event.data);
    };
    socket.onclose = () => {
      if (this.#closed || this.#socket !== socket) return;
      const wait = RECONNECT_MS[Math.min(this.#tries, RECONNECT_MS.length - 1)]!;
      this.#tries += 1;
      this.#say(this.#status.framesDrawn ? 'stalled' : 'connecting');
      this.#retry = setTimeout(() => this.#connect(), wait);
    };
  }

  #configure(text: string): void {
    const head = JSON.parse(text) as { codec?: string; width?: number; height?: number };
    if (!head.codec) return;
    this.#config = {
      codec: head.codec,
      ...(head.width && head.height ? { codedWidth: head.width, codedHeight: head.height } : {}),
      optimizeForLatency: true,
    };
    this.#openDecoder(this.#config);
  }

  #openDecoder(config: VideoDecoderConfig): void {
    this.#dropDecoder();
    this.#decoder = new VideoDecoder({
      output: (frame) => this.#decoded(frame),
      error: () => {
        this.#decoder = null; // a decoder that failed is closed; begin anew at the next key frame
        this.#needKey = true;
      },
    });
    this.#decoder.configure(config);
    this.#needKey = true;
  }

  #dropDecoder(): void {
    if (this.#decoder && this.#decoder.state !== 'closed') this.#decoder.close();
    this.#decoder = null;
    for (const { frame } of this.#frames) frame.close();
    this.#frames = [];
    this.#inDecoder.clear();
    this.#clock.reset();
  }

  #receive(buffer: ArrayBuffer): void {
    const packet = readPacket(buffer);
    this.#lastPacketMs = performance.now();
    this.#tries = 0;
    if (!this.#config) return;
    if (this.#needKey && !packet.keyframe) return;
    if (!this.#decoder) this.#openDecoder(this.#config);
    this.#needKey = false;
    const timestamp = Math.round((packet.pts_90k * 100) / 9);
    this.#inDecoder.set(timestamp, { pts_90k: packet.pts_90k, t_ms: packet.t_ms });
    this.#decoder!.decode(
      new EncodedVideoChunk({
        type: packet.keyframe ? 'key' : 'delta',
        timestamp,
        data: packet.accessUnit,
      }),
    );
  }

  #decoded(frame: VideoFrame): void {
    const origin = this.#inDecoder.get(frame.timestamp);
    this.#inDecoder.delete(frame.timestamp);
    if (!origin || this.#closed) {
      frame.close();
      return;
    }
    const dueMs = this.#clock.due(origin.pts_90k, performance.now());
    this.#frames.push({ frame, ...origin, dueMs });
    while (this.#frames.length > MOST_FRAMES_KEPT) this.#frames.shift()!.frame.close();
    this.#awaitNext();
  }

  /** Wake when the next frame is due; a page with nothing new to show draws nothing. */
  #awaitNext(): void {
    if (this.#wake !== undefined || this.#animation || !this.#frames.length) return;
    const waitMs = Math.max(0, this.#frames[0]!.dueMs - performance.now());
    this.#wake = setTimeout(() => {
      this.#wake = undefined;
      this.#animation = requestAnimationFrame(() => {
        this.#animation = 0;
        this.#show(performance.now());
        this.#awaitNext();
      });
    }, waitMs);
  }

  #show(nowMs: number): void {
    let show: Due | null = null;
    while (this.#frames.length && this.#frames[0]!.dueMs <= nowMs) {
      show?.frame.close();
      show = this.#frames.shift()!;
    }
    if (show) this.#draw(show);
  }

  #watch(nowMs: number): void {
    if (nowMs - this.#lastPacketMs > STALL_MS && this.#socket) {
      this.#say(this.#status.framesDrawn ? 'stalled' : 'waiting');
      this.#lastPacketMs = nowMs;
      // Without packets for so long the connection may be half open: make a new one.
      this.#socket.close();
    }
    this.#report(nowMs);
  }

  #draw({ frame, pts_90k, t_ms }: Due): void {
    const { canvas } = this;
    // Drawn at the size it is shown in: a wall of small pictures costs no more than one large.
    const shownPx = Math.ceil(canvas.clientWidth * window.devicePixelRatio);
    const width = Math.min(frame.displayWidth, Math.max(160, shownPx));
    const height = Math.round((width * frame.displayHeight) / frame.displayWidth);
    if (canvas.width !== width || canvas.height !== height) {
      canvas.width = width;
      canvas.height = height;
    }
    const context = canvas.getContext('2d')!;
    context.drawImage(frame, 0, 0, width, height);
    if (this.#wanted) void this.#keep(frame, t_ms, this.#wanted);
    frame.close();
    const boxes = this.boxes.at(pts_90k);
    drawBoxes(context, boxes, canvas.width / Math.max(1, canvas.clientWidth));
    const { framesDrawn } = this.#status;
    const playing = this.#status.state === 'playing';
    this.#status = {
      ...this.#status,
      state: 'playing',
      framesDrawn: framesDrawn + 1,
      boxesDrawn: boxes.length,
      t_ms,
      pts_90k,
      ageMs: Date.now() - t_ms,
    };
    if (!playing) this.onStatus(this.#status);
  }

  async #keep(frame: VideoFrame, t_ms: number, done: (still: Still) => void): Promise<void> {
    this.#wanted = null;
    const picture = new OffscreenCanvas(frame.displayWidth, frame.displayHeight);
    // Before the frame is let go, which happens as soon as this waits.
    picture.getContext('2d')!.drawImage(frame, 0, 0);
    done({ picture: await picture.convertToBlob({ type: 'image/jpeg', quality: JPEG_QUALITY }), t_ms });
  }

  #report(nowMs: number): void {
    const seconds = (nowMs - this.#reportedMs) / 1000;
    const framesPerS = (this.#status.framesDrawn - this.#drawnAtReport) / seconds;
    this.#reportedMs = nowMs;
    this.#drawnAtReport = this.#status.framesDrawn;
    this.#status = { ...this.#status, framesPerS };
    this.onStatus(this.#status);
  }
}
