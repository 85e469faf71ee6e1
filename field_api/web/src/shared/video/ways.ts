/**
 * Three ways to bring a stream into the page, one interface. Each gives pictures when they are to
 * be drawn, with the camera's own time stamp where it is known.
 */
export const WAY_NAMES = ['packets', 'whep', 'fmp4'] as const;
/** WebSocket and WebCodecs (secure pages only), WebRTC, MP4 fragments into a media element. */
export type WayName = (typeof WAY_NAMES)[number];
export type Size = 'full' | 'low';

export interface Picture {
  /** Its content is gone once `picture` has returned. */
  image: CanvasImageSource;
  width: number;
  height: number;
  pts_90k: number | null;
  /** When it was captured, UTC. */
  t_ms: number | null;
}

export interface WayEvents {
  /** A picture is due now. */
  picture(picture: Picture): void;
  /** Something came over the line, whatever it was. */
  heard(): void;
  /** A picture came over the line; `late_ms` after it was captured, where that is known. */
  arrived(pts_90k: number | null): void;
  /** This way can't show the stream in this browser or over this line. */
  failed(): void;
  /** The connection is gone; the player decides when to try again. */
  lost(): void;
}

export interface Way {
  /** Wait so long with a picture, so that what was seen in it can be drawn on it. */
  delay(ms: number): void;
  close(): void;
}

export interface WayKind {
  can(): boolean;
  open(streamId: string, size: Size, events: WayEvents): Way;
}
