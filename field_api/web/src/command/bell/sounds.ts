/** The bell's sounds, made here: no file has to be there. One can tell them apart with closed eyes. */
import type { Kind } from './gate';

/** Pitch, when it begins and how long it lasts, both in seconds. */
type Tone = [hertz: number, at_s: number, for_s: number];

const SOUNDS: Record<Kind, Tone[]> = {
  // Rising, three times: somebody may be found.
  person: [[660, 0, 0.14], [880, 0.16, 0.14], [1320, 0.32, 0.22]],
  smoke: [[784, 0, 0.18], [784, 0.28, 0.18]],
  // Like a clock that strikes: a report falls due.
  clock: [[587, 0, 0.1], [587, 0.18, 0.1], [587, 0.36, 0.1], [440, 0.54, 0.3]],
  // Two notes, twice, and a long low one: somebody of ours is not heard.
  silence: [[523, 0, 0.12], [392, 0.14, 0.12], [523, 0.36, 0.12], [392, 0.5, 0.34]],
  // Low and falling: a person has to be asked.
  overdue: [[440, 0, 0.22], [330, 0.26, 0.3]],
};
const LOUDNESS: Record<Kind, number> = { person: 0.3, smoke: 0.22, clock: 0.2, silence: 0.28, overdue: 0.16 };
/** Without it each tone begins and ends with a click. */
const EDGE_S = 0.015;

let audio: AudioContext | null = null;

/** Whether this page may sound: a browser wants somebody to have pressed something on it before. */
export async function awake(): Promise<boolean> {
  if (typeof AudioContext === 'undefined') return false;
  audio ??= new AudioContext();
  // It never settles where the browser refuses: its state is what counts.
  if (audio.state === 'suspended') await Promise.race([audio.resume(), new Promise((done) => setTimeout(done, 200))]);
  return audio.state === 'running';
}

export async function sound(kind: Kind): Promise<boolean> {
  if (!(await awake()) || !audio) return false;
  for (const [hertz, at_s, for_s] of SOUNDS[kind]) {
    const tone = audio.createOscillator();
    const volume = audio.createGain();
    const begin = audio.currentTime + at_s;
    tone.frequency.value = hertz;
    volume.gain.setValueAtTime(0, begin);
    volume.gain.linearRampToValueAtTime(LOUDNESS[kind], begin + EDGE_S);
    volume.gain.setValueAtTime(LOUDNESS[kind], begin + for_s - EDGE_S);
    volume.gain.linearRampToValueAtTime(0, begin + for_s);
    tone.connect(volume).connect(audio.destination);
    tone.start(begin);
    tone.stop(begin + for_s);
  }
  return true;
}
