/** One video packet of the command post: a fixed header, then an H.264 access unit (Annex B). */
export interface VideoPacket {
  keyframe: boolean;
  pts_90k: number;
  t_ms: number;
  accessUnit: Uint8Array<ArrayBuffer>;
}

export const PACKET_VERSION = 1;
const FIXED_HEADER_BYTES = 20;

/** Read a packet; a RangeError says what is wrong with it. */
export function readPacket(buffer: ArrayBuffer): VideoPacket {
  if (buffer.byteLength <= FIXED_HEADER_BYTES) throw new RangeError('video packet too short');
  const view = new DataView(buffer);
  const version = view.getUint8(0);
  if (version !== PACKET_VERSION) throw new RangeError(`video packet version ${version}`);
  const headerBytes = view.getUint16(2);
  if (headerBytes < FIXED_HEADER_BYTES || headerBytes >= buffer.byteLength) {
    throw new RangeError(`video packet header of ${headerBytes} bytes`);
  }
  return {
    keyframe: (view.getUint8(1) & 1) === 1,
    pts_90k: Number(view.getBigInt64(4)),
    t_ms: Number(view.getBigUint64(12)),
    accessUnit: new Uint8Array(buffer, headerBytes),
  };
}
