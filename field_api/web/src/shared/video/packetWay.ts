/** Access units over a WebSocket, decoded by WebCodecs: the quickest way, on secure pages only. */
import { socketUrl } from '../api/client';
import { readPacket } from './packet';
import { PlayoutClock } from './playout';
import { SeenCount } from './seenCount';
import type { Size, Way, WayEvents, WayKind } from './ways';

interface Due {
  frame: VideoFrame;
  pts_90k: number;
  t_ms: number;
  dueMs: number;
}

const MOST_FRAMES_KEPT = 40;
/** More pictures than this in the decoder: the computer can't keep up, go on at the next key frame. */
const MOST_IN_DECODER = 12;

class PacketWay implements Way {
  readonly #socket: WebSocket;
  readonly #seen: SeenCount;
  #decoder: VideoDecoder | null = null;
  #config: VideoDecoderConfig | null = null;
  #needKey = true;
  #frames: Due[] = [];
  readonly #inDecoder = new Map<number, { pts_90k: number; t_ms: number }>();
  readonly #clock = new PlayoutClock(0);
  #wake: ReturnType<typeof setTimeout> | undefined;
  #animation = 0;
  #closed = false;

  constructor(
    streamId: string,
    size: Size,
    private readonly events: WayEvents,
  ) {
    const socket = new WebSocket(socketUrl(`/video/${encodeURIComponent(streamId)}/play?size=${size}`));
    socket.binaryType = 'arraybuffer';
    this.#socket = socket;
    this.#seen = new SeenCount(socket);
    socket.onopen = () => this.events.heard();
    socket.onmessage = (event: MessageEvent<string | ArrayBuffer>) => {
      if (typeof event.data === 'string') this.#configure(event.data);
      else this.#receive(event.data);
    };
    socket.onclose = () => {
      if (!this.#closed) this.events.lost();
    };
  }

  delay(ms: number): void {
    this.#clock.delayMs = ms;
  }

  close(): void {
    this.#closed = true;
    cancelAnimationFrame(this.#animation);
    clearTimeout(this.#wake);
    this.#seen.close();
    this.#socket.close();
    this.#dropDecoder();
  }

  #configure(text: string): void {
    this.events.heard();
    const head = JSON.parse(text) as { codec?: string; width?: number; height?: number };
    if (!head.codec) return;
    const config = {
      codec: head.codec,
      ...(head.width && head.height ? { codedWidth: head.width, codedHeight: head.height } : {}),
      optimizeForLatency: true,
    };
    this.#config = config;
    this.#openDecoder(config);
    void VideoDecoder.isConfigSupported(config).then(({ supported }) => {
      if (!supported && !this.#closed) this.events.failed();
    });
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
    this.#seen.count();
    const packet = readPacket(buffer);
    this.events.heard();
    this.events.arrived(packet.pts_90k);
    if (!this.#config) return;
    if (this.#needKey && !packet.keyframe) return;
    if (!this.#decoder) this.#openDecoder(this.#config);
    const decoder = this.#decoder!;
    this.#needKey = decoder.decodeQueueSize > MOST_IN_DECODER && !packet.keyframe;
    if (this.#needKey) return;
    const timestamp = Math.round((packet.pts_90k * 100) / 9);
    this.#inDecoder.set(timestamp, { pts_90k: packet.pts_90k, t_ms: packet.t_ms });
    decoder.decode(
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
    const waitMs = this.#frames[0]!.dueMs - performance.now();
    if (waitMs <= 0) {
      this.#requestDraw();
      return;
    }
    this.#wake = setTimeout(() => {
      this.#wake = undefined;
      this.#requestDraw();
    }, waitMs);
  }

  #requestDraw(): void {
    this.#animation = requestAnimationFrame(() => {
      this.#animation = 0;
      this.#show(performance.now());
      this.#awaitNext();
    });
  }

  #show(nowMs: number): void {
    let show: Due | null = null;
    while (this.#frames.length && this.#frames[0]!.dueMs <= nowMs) {
      show?.frame.close();
      show = this.#frames.shift()!;
    }
    if (!show) return;
    const { frame, pts_90k, t_ms } = show;
    this.events.picture({ image: frame, width: frame.displayWidth, height: frame.displayHeight, pts_90k, t_ms });
    frame.close();
  }
}

export const packetWay: WayKind = {
  can: () => typeof VideoDecoder !== 'undefined',
  open: (streamId, size, events) => new PacketWay(streamId, size, events),
};
