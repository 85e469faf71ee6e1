/** WebRTC by WHEP: works on any page, and best over lines that lose packets. */
import { authorisation } from '../api/client';
import { canShowFrames, eachFrame, hiddenVideo, type ShownFrame } from './mediaFrames';
import { hangUp, offerTo } from './sdp';
import type { Size, Way, WayEvents, WayKind } from './ways';

const CONNECT_MS = 5000;
const CLOCK_EVERY_MS = 5000;

export interface ViewingClock {
  rtp_90k: number;
  pts_90k: number;
  t_ms: number;
}

/** The camera's time stamp of a frame with an RTP time stamp, which counts modulo 2^32. */
export function cameraPts(clock: ViewingClock, rtp_90k: number): number {
  return clock.pts_90k + ((rtp_90k - clock.rtp_90k) | 0);
}

class WhepWay implements Way {
  readonly #peer = new RTCPeerConnection({ iceServers: [] });
  readonly #video = hiddenVideo();
  readonly #stopFrames: () => void;
  readonly #deadline: ReturnType<typeof setTimeout>;
  #clock: ViewingClock | null = null;
  #clockTimer: ReturnType<typeof setTimeout> | undefined;
  #viewing: string | null = null;
  #closed = false;

  constructor(
    private readonly streamId: string,
    private readonly size: Size,
    private readonly events: WayEvents,
  ) {
    this.#stopFrames = eachFrame(this.#video, (frame) => this.#show(frame));
    this.#deadline = setTimeout(() => this.#fail(), CONNECT_MS);
    this.#peer.addTransceiver('video', { direction: 'recvonly' });
    this.#peer.ontrack = ({ track }) => {
      this.#video.srcObject = new MediaStream([track]);
      void this.#video.play().catch(() => undefined);
    };
    this.#peer.onconnectionstatechange = () => {
      const state = this.#peer.connectionState;
      if (state === 'connected') {
        clearTimeout(this.#deadline);
        this.events.heard();
        void this.#readClock();
      } else if (state === 'failed' || state === 'closed') {
        if (!this.#closed) this.events.lost();
      }
    };
    this.#open().catch(() => this.#fail());
  }

  delay(ms: number): void {
    for (const receiver of this.#peer.getReceivers()) {
      if ('jitterBufferTarget' in receiver) receiver.jitterBufferTarget = ms || null;
    }
  }

  close(): void {
    this.#closed = true;
    clearTimeout(this.#deadline);
    clearTimeout(this.#clockTimer);
    this.#stopFrames();
    this.#video.srcObject = null;
    this.#peer.close();
    if (this.#viewing) hangUp(this.#viewing);
  }

  async #open(): Promise<void> {
    const path = `/video/${encodeURIComponent(this.streamId)}/whep?size=${this.size}`;
    const answer = await offerTo(path, this.#peer);
    if (!answer) throw new Error('the post refuses the offer');
    this.#viewing = answer.where;
    if (this.#closed) {
      if (answer.where) hangUp(answer.where);
      return;
    }
    await this.#peer.setRemoteDescription({ type: 'answer', sdp: answer.sdp });
  }

  #fail(): void {
    if (this.#closed) return;
    clearTimeout(this.#deadline);
    this.events.failed();
  }

  /** Read again now and then: a camera that begins anew has another clock. */
  async #readClock(): Promise<void> {
    if (this.#closed || !this.#viewing) return;
    try {
      const answer = await fetch(`${this.#viewing}/clock`, { headers: authorisation() });
      if (answer.ok) this.#clock = (await answer.json()) as ViewingClock;
    } catch {
      // The line is away: boxes wait for the next try.
    }
    this.#clockTimer = setTimeout(() => void this.#readClock(), this.#clock ? CLOCK_EVERY_MS : 300);
  }

  #show(frame: ShownFrame): void {
    const clock = this.#clock;
    const pts_90k = clock && frame.rtpTimestamp !== undefined ? cameraPts(clock, frame.rtpTimestamp) : null;
    const t_ms = clock && pts_90k !== null ? clock.t_ms + (pts_90k - clock.pts_90k) / 90 : null;
    this.events.heard();
    this.events.arrived(pts_90k);
    this.events.picture({ image: frame.image, width: frame.width, height: frame.height, pts_90k, t_ms });
  }
}

export const whepWay: WayKind = {
  can: () => typeof RTCPeerConnection !== 'undefined' && canShowFrames(),
  open: (streamId, size, events) => new WhepWay(streamId, size, events),
};
