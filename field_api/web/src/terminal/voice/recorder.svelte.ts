/** Records a voice note with the phone's microphone; ends by itself after a minute. */
import { openMedia, recordFile, type MediaFile, type MediaProblem } from '../media-file';

export const LONGEST_S = 60;

export class Recorder {
  recording = $state(false);
  asking = $state(false);
  seconds = $state(0);
  problem = $state<MediaProblem | null>(null);
  #file: MediaFile | null = null;

  /** Record until `stop`, the longest time, or until the page is put away; null if it could not begin. */
  async record(): Promise<Blob | null> {
    if (this.recording || this.asking) return null;
    this.problem = null;
    this.asking = true;
    const stream = await openMedia('audio');
    this.asking = false;
    if (typeof stream === 'string') {
      this.problem = stream;
      return null;
    }
    try {
      return await this.#take(stream);
    } finally {
      stream.getTracks().forEach((track) => track.stop());
    }
  }

  stop = (): void => this.#file?.stop();

  async #take(stream: MediaStream): Promise<Blob | null> {
    const file = recordFile(stream, 'audio');
    this.#file = file;
    this.seconds = 0;
    this.recording = true;
    const began = performance.now();
    const tick = setInterval(() => {
      this.seconds = Math.floor((performance.now() - began) / 1000);
      if (this.seconds >= LONGEST_S) this.stop();
    }, 250);
    const hidden = () => document.hidden && this.stop();
    document.addEventListener('visibilitychange', hidden);
    const voice = await file.done;
    clearInterval(tick);
    document.removeEventListener('visibilitychange', hidden);
    this.#file = null;
    this.recording = false;
    return voice.size ? voice : null;
  }
}
