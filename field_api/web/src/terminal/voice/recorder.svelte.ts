/** Records a voice note with the phone's microphone; ends by itself after a minute. */

export const LONGEST_S = 60;
/** What browsers record, the smallest first; iOS knows the second only. */
const TYPES = ['audio/webm;codecs=opus', 'audio/mp4', 'audio/ogg;codecs=opus'];

/** Why nothing is recorded: the person forbade it, or this browser (or plain HTTP) has no microphone. */
export type RecorderProblem = 'denied' | 'none';

export class Recorder {
  recording = $state(false);
  asking = $state(false);
  seconds = $state(0);
  problem = $state<RecorderProblem | null>(null);
  #recorder: MediaRecorder | null = null;

  /** Record until `stop`, the longest time, or until the page is put away; null if it could not begin. */
  async record(): Promise<Blob | null> {
    if (this.recording || this.asking) return null;
    this.problem = null;
    this.asking = true;
    let stream: MediaStream;
    try {
      if (!navigator.mediaDevices || typeof MediaRecorder === 'undefined') throw new TypeError('no microphone');
      stream = await navigator.mediaDevices.getUserMedia({ audio: true });
    } catch (problem) {
      const denied = problem instanceof DOMException && ['NotAllowedError', 'SecurityError'].includes(problem.name);
      this.problem = denied ? 'denied' : 'none';
      return null;
    } finally {
      this.asking = false;
    }
    try {
      return await this.#take(stream);
    } finally {
      stream.getTracks().forEach((track) => track.stop());
    }
  }

  stop = (): void => {
    if (this.#recorder?.state === 'recording') this.#recorder.stop();
  };

  async #take(stream: MediaStream): Promise<Blob | null> {
    const mimeType = TYPES.find((type) => MediaRecorder.isTypeSupported(type));
    const recorder = new MediaRecorder(stream, mimeType ? { mimeType, audioBitsPerSecond: 24_000 } : {});
    const pieces: Blob[] = [];
    const stopped = new Promise<void>((done) => {
      recorder.ondataavailable = ({ data }) => data.size && pieces.push(data);
      recorder.onstop = () => done();
      // Taken by a call that comes in: what was said until then is kept.
      recorder.onerror = () => done();
    });
    this.#recorder = recorder;
    this.seconds = 0;
    this.recording = true;
    const began = performance.now();
    const tick = setInterval(() => {
      this.seconds = Math.floor((performance.now() - began) / 1000);
      if (this.seconds >= LONGEST_S) this.stop();
    }, 250);
    const hidden = () => document.hidden && this.stop();
    document.addEventListener('visibilitychange', hidden);
    recorder.start(1000);
    await stopped;
    clearInterval(tick);
    document.removeEventListener('visibilitychange', hidden);
    this.#recorder = null;
    this.recording = false;
    // Without parameters: a file's type, not the recorder's.
    const type = (recorder.mimeType || mimeType || 'audio/webm').split(';')[0]!;
    return pieces.length ? new Blob(pieces, { type }) : null;
  }
}
