/**
 * The handheld's own picture, sent live to the command post by WHIP until its holder stops it. What
 * is sent is seen by command at once; the post keeps it as it keeps aircraft's pictures.
 */
import { hangUp, offerTo } from '$shared/video/sdp';

export type SendingState = 'off' | 'starting' | 'live' | 'lost';
export type SendingProblem = 'no-camera' | 'denied' | 'no-h264' | 'insecure' | 'refused';

const RETRY_MS = 2000;
const MOST_BITS_PER_S = 1_500_000;

const h264 = (): RTCRtpCodec[] =>
  (RTCRtpSender.getCapabilities('video')?.codecs ?? []).filter(({ mimeType }) =>
    ['video/H264', 'video/rtx'].includes(mimeType),
  );

class Sending {
  state = $state<SendingState>('off');
  problem = $state<SendingProblem | null>(null);
  /** The camera's own picture, to be seen while it is sent. */
  picture = $state.raw<MediaStream | null>(null);
  #streamId = '';
  #peer: RTCPeerConnection | null = null;
  #where: string | null = null;
  #retry: ReturnType<typeof setTimeout> | undefined;

  async start(terminalId: string): Promise<void> {
    if (this.state !== 'off') return;
    this.problem = null;
    this.#streamId = `${terminalId}-cam`;
    if (!navigator.mediaDevices) {
      this.problem = 'insecure';
      return;
    }
    if (!h264().some(({ mimeType }) => mimeType === 'video/H264')) {
      this.problem = 'no-h264';
      return;
    }
    this.state = 'starting';
    try {
      this.picture = await navigator.mediaDevices.getUserMedia({
        video: { facingMode: 'environment', width: { ideal: 1280 }, height: { ideal: 720 }, frameRate: { ideal: 25 } },
        audio: false,
      });
    } catch (caught) {
      this.problem = caught instanceof DOMException && caught.name === 'NotAllowedError' ? 'denied' : 'no-camera';
      this.stop();
      return;
    }
    await this.#connect();
  }

  stop(): void {
    clearTimeout(this.#retry);
    this.#hangUp();
    for (const track of this.picture?.getTracks() ?? []) track.stop();
    this.picture = null;
    this.state = 'off';
  }

  #hangUp(): void {
    this.#peer?.close();
    this.#peer = null;
    if (this.#where) hangUp(this.#where);
    this.#where = null;
  }

  async #connect(): Promise<void> {
    const track = this.picture?.getVideoTracks()[0];
    if (!track) return;
    const peer = new RTCPeerConnection({ iceServers: [] });
    this.#peer = peer;
    peer.onconnectionstatechange = () => {
      if (this.#peer !== peer) return;
      if (peer.connectionState === 'connected') this.state = 'live';
      if (['failed', 'disconnected', 'closed'].includes(peer.connectionState)) this.#again();
    };
    try {
      const transceiver = peer.addTransceiver(track, {
        direction: 'sendonly',
        sendEncodings: [{ maxBitrate: MOST_BITS_PER_S }],
      });
      transceiver.setCodecPreferences(h264());
      const answer = await offerTo(`/video/${encodeURIComponent(this.#streamId)}/whip`, peer);
      if (this.#peer !== peer) {
        if (answer?.where) hangUp(answer.where);
        return;
      }
      if (!answer) {
        this.problem = 'refused';
        this.stop();
        return;
      }
      this.#where = answer.where;
      await peer.setRemoteDescription({ type: 'answer', sdp: answer.sdp });
    } catch {
      // No net just now: the camera stays open, the picture goes on when it is back.
      if (this.#peer === peer) this.#again();
    }
  }

  #again(): void {
    if (!this.picture) return;
    this.state = 'lost';
    this.#hangUp();
    clearTimeout(this.#retry);
    this.#retry = setTimeout(() => void this.#connect(), RETRY_MS);
  }
}

export const sending = new Sending();
