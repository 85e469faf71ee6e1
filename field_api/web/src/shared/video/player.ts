/**
 * One live picture: chooses a way to get the stream, draws each picture with what the detector saw
 * in it, says how it is, and begins anew by itself. What is drawn is a copy: a still is the camera's
 * own picture without any mark.
 */
import type { BoxTrack } from './boxTrack';
import { drawBoxes } from './drawBoxes';
import { fmp4Way } from './fmp4Way';
import { OverlayDelay } from './overlayDelay';
import { packetWay } from './packetWay';
import { isWeakLine, whySlow, type Rates, type Slow } from './slowness';
import { WAY_NAMES, type Picture, type Size, type Way, type WayKind, type WayName } from './ways';
import { whepWay } from './whepWay';

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
  /** Since when no picture has come, UTC; null while they do. */
  lostSince_ms: number | null;
  way: WayName | null;
  size: Size;
  /** Why the picture is not smooth. */
  slow: Slow | null;
  /** From asking for the stream to its first picture. */
  firstMs: number | null;
}

export interface Still {
  picture: Blob;
  t_ms: number;
}

export interface PlayerOptions {
  size?: Size;
  /** Only this way, for tests and for people who know better. */
  way?: WayName | undefined;
  /** The camera's pictures a second as the post gets them; null while none come. */
  cameraFps?: () => number | null;
}

const KINDS: Record<WayName, WayKind> = { packets: packetWay, whep: whepWay, fmp4: fmp4Way };
const STALL_MS = 1500;
/** Without packets for so long the connection may be half open: make a new one. */
const SILENT_MS = 4000;
/** Longer than any way needs to say that it can't. */
const CONNECTING_MS = 10_000;
const RECONNECT_MS = [200, 500, 1000];
const REPORT_EVERY_MS = 500;
const JPEG_QUALITY = 0.92;
/** A line too slow for this long is given the small picture. */
const WEAK_AFTER_MS = 4000;
/** Of the small picture (the post's `LOW`). */
const LOW_FPS = 12.5;
const STRONG_AGAIN_MS = 60_000;

/** The way that worked last in this page is tried first. */
let proven: WayName | null = null;

export const canPlay = (): boolean => WAY_NAMES.some((name) => KINDS[name].can());

export class StreamPlayer {
  #way: Way | null = null;
  readonly #ways: WayName[];
  #at = 0;
  #tries = 0;
  #retry: ReturnType<typeof setTimeout> | undefined;
  readonly #reporting: ReturnType<typeof setInterval> | undefined;
  readonly #delay = new OverlayDelay();
  readonly #forgetLooks: () => void;
  #wanted: ((still: Still) => void) | null = null;
  #closed = false;
  readonly #openedMs = performance.now();
  #heardMs = performance.now();
  #drawnMs = 0;
  #reportedMs = performance.now();
  #drawnAtReport = 0;
  #arrived = 0;
  #weakSinceMs: number | null = null;
  #smallUntilMs = 0;
  #askedSize: Size;
  #status: PlayerStatus;

  constructor(
    private readonly canvas: HTMLCanvasElement,
    private readonly streamId: string,
    private readonly boxes: BoxTrack,
    private readonly onStatus: (status: PlayerStatus) => void,
    private readonly options: PlayerOptions = {},
  ) {
    this.#askedSize = options.size ?? 'full';
    this.#status = {
      state: 'connecting',
      framesDrawn: 0,
      framesPerS: 0,
      boxesDrawn: 0,
      t_ms: null,
      pts_90k: null,
      ageMs: null,
      lostSince_ms: null,
      way: null,
      size: this.#askedSize,
      slow: null,
      firstMs: null,
    };
    const wanted = WAY_NAMES.filter((name) => KINDS[name].can() && (!options.way || options.way === name));
    // The proven one first, the others after it in their order.
    this.#ways = [...wanted.filter((name) => name === proven), ...wanted.filter((name) => name !== proven)];
    this.#forgetLooks = boxes.onLook((pts_90k) => this.#looked(pts_90k));
    if (!this.#ways.length) {
      this.#say('unsupported');
      return;
    }
    this.#open();
    this.#reporting = setInterval(() => this.#watch(performance.now()), REPORT_EVERY_MS);
  }

  /** Whether the detector's boxes are drawn; without them pictures are shown at once. */
  showBoxes(shown: boolean): void {
    this.#delay.wanted = shown;
    this.#way?.delay(this.#delay.ms);
  }

  /** Ask for the small picture or the full one: a tile became small or large. */
  resize(size: Size): void {
    if (size === this.#askedSize) return;
    this.#askedSize = size;
    this.#reopen();
  }

  /** The next frame as the camera sent it, in its full size and without the detector's marks. */
  still(): Promise<Still> {
    return new Promise((done) => (this.#wanted = done));
  }

  close(): void {
    this.#closed = true;
    clearInterval(this.#reporting);
    clearTimeout(this.#retry);
    this.#forgetLooks();
    this.#way?.close();
  }

  #say(state: PlayerState): void {
    if (this.#status.state === state) return;
    this.#status = { ...this.#status, state };
    this.onStatus(this.#status);
  }

  #open(): void {
    const name = this.#ways[this.#at]!;
    const size: Size = performance.now() < this.#smallUntilMs ? 'low' : this.#askedSize;
    this.#heardMs = performance.now();
    this.#status = { ...this.#status, way: name, size };
    const way = KINDS[name].open(this.streamId, size, {
      picture: (picture) => {
        if (this.#way === way) this.#draw(picture, name);
      },
      heard: () => {
        this.#heardMs = performance.now();
        if (this.#status.state === 'connecting') this.#say('waiting');
      },
      arrived: () => (this.#arrived += 1),
      failed: () => {
        if (this.#way === way) this.#nextWay();
      },
      lost: () => {
        if (this.#way === way) this.#again();
      },
    });
    this.#way = way;
    way.delay(this.#delay.ms);
  }

  /** This way does not work here: the next one, and after the last the first again. */
  #nextWay(): void {
    if (proven === this.#ways[this.#at]) proven = null;
    this.#at = (this.#at + 1) % this.#ways.length;
    this.#again();
  }

  #again(): void {
    this.#way?.close();
    this.#way = null;
    this.#say(this.#status.framesDrawn ? 'stalled' : 'connecting');
    const wait = RECONNECT_MS[Math.min(this.#tries, RECONNECT_MS.length - 1)]!;
    this.#tries += 1;
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => this.#open(), wait);
  }

  #reopen(): void {
    if (this.#closed || !this.#ways.length) return;
    clearTimeout(this.#retry);
    this.#way?.close();
    this.#open();
  }

  #looked(pts_90k: number): void {
    const shown = this.#status.pts_90k;
    if (shown === null) return;
    const before = this.#delay.ms;
    this.#delay.look(pts_90k, shown);
    if (Math.abs(this.#delay.ms - before) > 5) this.#way?.delay(this.#delay.ms);
  }

  #draw({ image, width, height, pts_90k, t_ms }: Picture, way: WayName): void {
    const { canvas } = this;
    // Drawn at the size it is shown in: a wall of small pictures costs no more than one large.
    const shownPx = Math.ceil(canvas.clientWidth * window.devicePixelRatio);
    const drawnWidth = Math.min(width, Math.max(160, shownPx));
    const drawnHeight = Math.round((drawnWidth * height) / width);
    if (canvas.width !== drawnWidth || canvas.height !== drawnHeight) {
      canvas.width = drawnWidth;
      canvas.height = drawnHeight;
    }
    const context = canvas.getContext('2d')!;
    context.drawImage(image, 0, 0, drawnWidth, drawnHeight);
    if (this.#wanted) void this.#keep(image, width, height, t_ms ?? Date.now(), this.#wanted);
    const boxes = this.#delay.wanted && pts_90k !== null ? this.boxes.at(pts_90k) : [];
    drawBoxes(context, boxes, canvas.width / Math.max(1, canvas.clientWidth));
    const playing = this.#status.state === 'playing';
    this.#drawnMs = performance.now();
    this.#tries = 0;
    proven = way;
    this.#status = {
      ...this.#status,
      state: 'playing',
      framesDrawn: this.#status.framesDrawn + 1,
      boxesDrawn: boxes.length,
      t_ms,
      pts_90k,
      ageMs: t_ms === null ? null : Date.now() - t_ms,
      lostSince_ms: null,
      firstMs: this.#status.firstMs ?? Math.round(this.#drawnMs - this.#openedMs),
    };
    if (!playing) this.onStatus(this.#status);
  }

  async #keep(
    image: CanvasImageSource,
    width: number,
    height: number,
    t_ms: number,
    done: (still: Still) => void,
  ): Promise<void> {
    this.#wanted = null;
    const picture = new OffscreenCanvas(width, height);
    // Before the frame is let go, which happens as soon as this waits.
    picture.getContext('2d')!.drawImage(image, 0, 0, width, height);
    done({ picture: await picture.convertToBlob({ type: 'image/jpeg', quality: JPEG_QUALITY }), t_ms });
  }

  #watch(nowMs: number): void {
    const { state, framesDrawn } = this.#status;
    if (state === 'playing' && nowMs - this.#drawnMs > STALL_MS) {
      this.#status = { ...this.#status, state: 'stalled', lostSince_ms: Date.now() - (nowMs - this.#drawnMs) };
    }
    if (this.#way && nowMs - this.#heardMs > (state === 'connecting' ? CONNECTING_MS : SILENT_MS)) {
      this.#heardMs = nowMs;
      if (framesDrawn || state === 'connecting') this.#again();
    }
    this.#report(nowMs);
  }

  #report(nowMs: number): void {
    const seconds = (nowMs - this.#reportedMs) / 1000;
    const framesPerS = (this.#status.framesDrawn - this.#drawnAtReport) / seconds;
    const cameraFps = this.options.cameraFps?.() ?? null;
    const sent = cameraFps !== null && this.#status.size === 'low' ? Math.min(cameraFps, LOW_FPS) : cameraFps;
    const rates: Rates = { camera: sent, arrived: this.#arrived / seconds, shown: framesPerS };
    const slow = this.#status.state === 'playing' ? whySlow(rates) : null;
    this.#reportedMs = nowMs;
    this.#drawnAtReport = this.#status.framesDrawn;
    this.#arrived = 0;
    this.#status = { ...this.#status, framesPerS, slow };
    // Also while nothing is drawn: WebRTC over a line too slow may never show a whole picture.
    this.#weigh(nowMs, this.#way !== null && isWeakLine(rates));
    this.onStatus(this.#status);
  }

  /** A line that stays too slow is given the small picture; after a while the full one is tried. */
  #weigh(nowMs: number, weak: boolean): void {
    const { size } = this.#status;
    if (!weak) this.#weakSinceMs = null;
    else this.#weakSinceMs ??= nowMs;
    if (size === 'full' && this.#weakSinceMs !== null && nowMs - this.#weakSinceMs > WEAK_AFTER_MS) {
      this.#weakSinceMs = null;
      this.#smallUntilMs = nowMs + STRONG_AGAIN_MS;
      this.#reopen();
    } else if (size === 'low' && this.#askedSize === 'full' && nowMs >= this.#smallUntilMs) {
      this.#reopen();
    }
  }
}
