/** The phone's microphone and camera, and files that are recorded from them. */

/** What browsers record, the smallest first; iOS knows `mp4` only. */
const TYPES = {
  audio: ['audio/webm;codecs=opus', 'audio/mp4', 'audio/ogg;codecs=opus'],
  video: ['video/webm;codecs=vp8,opus', 'video/mp4', 'video/webm'],
};
const SOUND_BITS = 24_000;
/** Faces and what is said are told apart; an hour is about 200 MB. */
const PICTURE_BITS = 400_000;
/** What was recorded until an error is kept but for this. */
const SLICE_MS = 1000;

export type MediaKind = keyof typeof TYPES;
/** Why nothing is recorded: the person forbade it, or this browser (or plain HTTP) has no device. */
export type MediaProblem = 'denied' | 'none';

export async function openMedia(kind: MediaKind): Promise<MediaStream | MediaProblem> {
  if (!navigator.mediaDevices || typeof MediaRecorder === 'undefined') return 'none';
  const video = { facingMode: 'environment', width: 640, height: 480, frameRate: 15 };
  try {
    return await navigator.mediaDevices.getUserMedia({ audio: true, ...(kind === 'video' ? { video } : {}) });
  } catch (problem) {
    const denied = problem instanceof DOMException && ['NotAllowedError', 'SecurityError'].includes(problem.name);
    return denied ? 'denied' : 'none';
  }
}

/** One file being recorded. */
export interface MediaFile {
  began_ms: number;
  stop: () => void;
  /** Once it has stopped, also by itself (a call comes in); empty if nothing came. */
  done: Promise<Blob>;
}

export function recordFile(stream: MediaStream, kind: MediaKind): MediaFile {
  const mimeType = TYPES[kind].find((type) => MediaRecorder.isTypeSupported(type));
  const bits = { audioBitsPerSecond: SOUND_BITS, ...(kind === 'video' ? { videoBitsPerSecond: PICTURE_BITS } : {}) };
  const recorder = new MediaRecorder(stream, mimeType ? { mimeType, ...bits } : {});
  const parts: Blob[] = [];
  const done = new Promise<Blob>((finished) => {
    recorder.ondataavailable = ({ data }) => data.size && parts.push(data);
    recorder.onstop = recorder.onerror = () =>
      // Without parameters: a file's type, not the recorder's.
      finished(new Blob(parts, { type: (recorder.mimeType || mimeType || `${kind}/webm`).split(';')[0]! }));
  });
  recorder.start(SLICE_MS);
  return { began_ms: Date.now(), stop: () => recorder.state !== 'inactive' && recorder.stop(), done };
}
