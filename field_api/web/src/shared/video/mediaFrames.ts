/** The frames of a media element, each when it is shown, with what the browser knows of it. */

export interface ShownFrame {
  /** Its content is gone once the caller's function has returned. */
  image: CanvasImageSource;
  width: number;
  height: number;
  /** Seconds since the element's stream began. */
  mediaTime: number;
  /** As it came over the line, for WebRTC. */
  rtpTimestamp: number | undefined;
}

/** What this page needs of metadata; not all browsers' types have `rtpTimestamp`. */
interface Metadata {
  rtpTimestamp?: number;
}

/** A media element that is only looked at frame by frame: muted, never in the page itself. */
export function hiddenVideo(): HTMLVideoElement {
  const video = document.createElement('video');
  video.muted = true;
  video.playsInline = true;
  video.autoplay = true;
  video.disableRemotePlayback = true;
  return video;
}

export const canShowFrames = (): boolean => 'requestVideoFrameCallback' in HTMLVideoElement.prototype;

/** Call `each` with every frame that is shown; returns how to stop. */
export function eachFrame(video: HTMLVideoElement, each: (frame: ShownFrame) => void): () => void {
  let handle = 0;
  const next = () => {
    handle = video.requestVideoFrameCallback((_now, told) => {
      const { width, height } = told;
      if (typeof VideoFrame === 'undefined') {
        const { rtpTimestamp } = told as Metadata;
        each({ image: video, width, height, mediaTime: told.mediaTime, rtpTimestamp });
      } else {
        // The element may show the next frame already: this takes one, and its own time with it.
        const image = new VideoFrame(video);
        const metadata = (image as { metadata?: () => Metadata }).metadata?.() ?? (told as Metadata);
        const { rtpTimestamp } = metadata;
        each({ image, width, height, mediaTime: image.timestamp / 1e6, rtpTimestamp });
        image.close();
      }
      next();
    });
  };
  next();
  return () => video.cancelVideoFrameCallback(handle);
}
